/** OpenTelemetry's own limit, which the official SDKs obey as well. */
export function contentLimit(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const limit = Number(env['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT'] ?? Number.NaN)
  return Number.isInteger(limit) && limit > 0 ? limit : undefined
}
