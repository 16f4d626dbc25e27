export declare const mayUse: Readonly<Record<string, readonly string[]>>
declare const config: {
  readonly forbidden: readonly object[]
  readonly options: Readonly<Record<string, unknown>>
}
// The tool wants its settings as the default export.
// eslint-disable-next-line import/no-default-export
export default config
