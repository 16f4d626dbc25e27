/** One thing `varve doctor` looked at. A `hint` says what to do about it. */
export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly found: string
  readonly hint?: string
}
