import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ImageFacts } from '../jobs/index.ts'
import { digestOf, VarveError } from '../model/index.ts'
import type { ImageSettings } from '../pipelines/index.ts'
import { readProjectFile } from './read-project-file.ts'

/** What the images of specs mean on this machine: `images:` of the project file. */
export interface ImageMap {
  facts(image: string): ImageFacts | undefined
  /** Of the settings of each image: a changed mapping is changed code. */
  readonly digests: ReadonlyMap<string, string>
}

const noImages: ImageMap = { facts: () => undefined, digests: new Map() }

export async function readImageMap(projectFile: string): Promise<ImageMap> {
  if (!existsSync(projectFile)) return noImages
  const { images } = await readProjectFile(projectFile)
  const folder = dirname(projectFile)
  const digests = Object.entries(images).map(
    ([name, image]) => [name, digestOf(JSON.stringify(image))] as const,
  )
  return {
    facts: (name) => {
      const image = images[name]
      return image === undefined ? undefined : factsOf(name, image, folder)
    },
    digests: new Map(digests),
  }
}

function factsOf(
  image: string,
  { cmd, env, workingDir, files }: ImageSettings,
  folder: string,
): ImageFacts {
  return {
    env,
    ...(cmd === undefined ? {} : { cmd }),
    ...(workingDir === undefined ? {} : { workingDir }),
    mounts: Object.entries(files).map(([path, local]) => ({
      path,
      hostPath: present(image, resolve(folder, local)),
    })),
  }
}

function present(image: string, file: string): string {
  if (existsSync(file)) return file
  throw new VarveError('IO_FAILED', {
    what: `The image "${image}" shows ${file} to its commands, and there is no such file or folder.`,
    next: `Make it, or correct \`files:\` of the image in varve.yaml, and then run \`varve rerun pipeline\`.`,
    data: { image, file },
  })
}
