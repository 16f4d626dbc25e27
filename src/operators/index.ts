/**
 * Room `operators`: built-in transforms, pure functions from the files of one datum to output
 * files. They reach jobs as a registry value and never touch storage. How to add one:
 * `docs/adding-an-operator.md`.
 */
export { builtInOperators } from './built-in.ts'
export { describeOperator, type OperatorDescription } from './describe.ts'
/** @public how an operator from elsewhere refuses a file */
export { inputRefused } from './input-refused.ts'
export {
  defineOperator,
  type Operator,
  type OperatorFile,
  type OperatorOutput,
} from './operator.ts'
export { parseParams, type ParamsFault } from './params.ts'
export { createRegistry, type OperatorRegistry } from './registry.ts'
