/** The second door of this room: only tests come in here. */
export { copyOf } from './copy-files.ts'
export { crashStates, type CrashOptions, type CrashState } from './crash-states.ts'
export { FaultyFiles, type Fault } from './faulty-files.ts'
export { RecordingFiles, type FileOperation } from './recording-files.ts'
