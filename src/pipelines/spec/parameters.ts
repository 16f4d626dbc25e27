import type { JsonObject, JsonValue } from '../../model/index.ts'
import { nearest } from '../../util/index.ts'

const reference = /\$\{parameters\.([^}]*)\}/g

/**
 * Replaces `${parameters.name}` in every text of a value. A text that is nothing but one reference
 * takes the parameter's own type; inside a longer text the parameter is written out. The dot keeps the
 * form apart from anything a shell understands.
 */
export function expandParameters(
  value: unknown,
  parameters: JsonObject,
  fault: (message: string) => void,
): unknown {
  if (typeof value === 'string') return value.includes('${parameters.') ? expand(value) : value
  if (Array.isArray(value)) return value.map((item) => expandParameters(item, parameters, fault))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, expandParameters(item, parameters, fault)]),
  )

  function expand(text: string): unknown {
    const lookUp = (name: string): JsonValue => {
      if (Object.hasOwn(parameters, name)) return parameters[name] ?? null
      const near = nearest(name, Object.keys(parameters))
      const hint = near === undefined ? '' : `; did you mean "${near}"?`
      fault(`there is no parameter "${name}"${hint}`)
      return ''
    }
    const whole = /^\$\{parameters\.([^}]*)\}$/.exec(text)
    if (whole !== null) return lookUp(whole[1] ?? '')
    return text.replace(reference, (_, name: string) => {
      const found = lookUp(name)
      return typeof found === 'string' ? found : JSON.stringify(found)
    })
  }
}
