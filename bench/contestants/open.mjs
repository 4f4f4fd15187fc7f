/** Opens a contestant by name. Nothing of it is loaded before. */
export async function openContestant(name, options) {
  const { open } = await import(`./${name}.mjs`)
  return await open(options)
}
