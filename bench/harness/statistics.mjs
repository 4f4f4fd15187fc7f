/** Interpolates between neighbours, so that the median of an even number of values is their mean. */
function quantile(sorted, share) {
  const position = (sorted.length - 1) * share
  const low = Math.floor(position)
  const high = Math.ceil(position)
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low)
}

/** Median and quartiles. Means and extremes belong to the machine's neighbours. */
export function summarise(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), low: quantile(sorted, 0.25), high: quantile(sorted, 0.75) }
}

/** Round by round, since what disturbs a round disturbs both. */
export function ratios(values, others) {
  return values.map((value, round) => value / others[round])
}
