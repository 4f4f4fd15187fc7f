import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const FOLDER = new URL('.peers/', import.meta.url)
const FILE = new URL('results.json', FOLDER)

/** What whole parts found, by the name of the part: the tables are made of the last of each, so that one can be measured again alone. */
export function readKept() {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'))
  } catch {
    return {}
  }
}

export function keep(part, conditions, results) {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(FILE, JSON.stringify({ ...readKept(), [part]: { conditions, results } }))
}
