/** Room `model`: the nouns everybody shares. Pure values, no I/O. */
export { digestFromBytes, digestOf, digestToBytes, isDigest, type Digest } from './digest.ts'
export { EMPTY_TREE } from './empty-tree.ts'
export { errorCatalogue, type ErrorCode } from './error-catalogue.ts'
export { isVarveError, VarveError } from './errors.ts'
export { comparePaths, parentDirectories, parseFilePath, type FilePath } from './file-path.ts'
export { isCommitId, type CommitId } from './ids.ts'
export type { JsonObject, JsonValue } from './json.ts'
export { checkName } from './names.ts'
