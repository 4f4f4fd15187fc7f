/**
 * Runs each measurement once a round, one after the other, so that a noisy minute falls on all of them. Each round begins with another
 * one. Resolves with the results by name, in the order of the rounds.
 */
export async function measureInRounds(measurements, rounds, onRound = () => undefined) {
  const names = Object.keys(measurements)
  const results = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < names.length; index++) {
      const name = names[(round + index) % names.length]
      results[name].push(await measurements[name](results))
    }
    onRound(round + 1)
  }
  return results
}
