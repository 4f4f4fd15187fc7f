/** `raindrop-js/internal` is for the entries of this package: what it exports is declared nowhere, and changes without notice. */
export type NoPublicApi = never
