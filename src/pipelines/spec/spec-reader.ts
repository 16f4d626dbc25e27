/** Everything of the room that needs zod and yaml; loaded through `loadSpecReader` when first used. */
export { jsonSchemas } from './json-schemas.ts'
export { givenTwice, readPipelines } from './read-pipelines.ts'
export { readProject } from './read-project.ts'
