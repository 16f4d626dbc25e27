/** Room `sandbox`: the `/pfs` contract for commands: isolation, limits, fallback. */
export { openSandbox } from './open-sandbox.ts'
export { surveySandbox, type SandboxSurvey } from './survey-sandbox.ts'
export type {
  CommandLimits,
  CommandLog,
  CommandOutcome,
  CommandSession,
  CommandTask,
  CommandUsage,
  ExtraMount,
  InputFile,
  InputWriter,
  LimitName,
  OutputFile,
  PieceOutcome,
  Sandbox,
  SandboxKind,
  SandboxOptions,
  SessionTask,
  TaskInput,
  Turn,
  WorkPiece,
} from './types.ts'
