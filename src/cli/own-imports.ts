import { registerHooks } from 'node:module'

/**
 * Makes imports between our own files quick. For each of them Node asks the disk whether it is
 * there, a link, and of which package: of a start that loads two hundred files, a third. Below
 * `root` an import is relative, names its file in full, and is a module.
 */
export function resolveOwnImports(root: string): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      const { parentURL } = context
      const isOwn = specifier.startsWith('.') && parentURL?.startsWith(root) === true
      if (!isOwn) return next(specifier, context)
      const { href } = new URL(specifier, parentURL)
      // What `.ts` is, in a checkout, Node knows better.
      const format = href.endsWith('.js') ? 'module' : undefined
      return { url: href, format, shortCircuit: true }
    },
  })
}
