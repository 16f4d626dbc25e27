import { ingestReducer } from '../ingest/index.ts'
import { jobsReducer } from '../jobs/index.ts'

/** What folds the records into tables; a store opened without one of these refuses its records. */
export const reducers = [jobsReducer, ingestReducer] as const
