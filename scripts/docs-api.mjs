/**
 * `npm run docs:api`: the reference of every export, as pages in docs/api. Fails where an export has no TSDoc, where a signature names a
 * type that nobody can import, and where a {@link} leads nowhere.
 */
import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Converter, Logger, LogLevel, ReflectionKind, TSConfigReader, TypeDocReader } from 'typedoc'
import ts from 'typescript'
import { root } from './run.mjs'

/** Resolvable by name, and for nobody but the package itself. */
const notPublic = new Set(['./internal'])

/** The entries of package.json that are code, by the name they are imported with: `raindrop-js/relay` → its source. */
export function publicEntries() {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { paths } = config.compilerOptions
  const subpaths = Object.keys(exports).filter((path) => !/\.(css|json)$/.test(path))
  return new Map(
    subpaths
      .filter((path) => !notPublic.has(path))
      .map((path) => {
        const specifier = path.replace('.', name)
        const [source] = paths[specifier] ?? []
        if (!source)
          throw new Error(`${specifier} is in the exports of package.json and not in the paths of tsconfig.json.`)
        return [specifier, join(root, source)]
      }),
  )
}

/** Reads the sources and checks them. Problems are sentences, each with the name of what it is about. */
export async function readApi(entries = publicEntries()) {
  const app = await Application.bootstrap({ entryPoints: [...entries.values()] }, [
    new TypeDocReader(),
    new TSConfigReader(),
  ])
  // Only what the entries lead to: the whole project takes three times as long.
  app.options.setCompilerOptions([...entries.values()], app.options.getCompilerOptions(app.logger), undefined)
  app.logger = new CollectingLogger()
  const names = new Map([...entries].map(([specifier, source]) => [source, specifier]))
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    const [source] = reflection.sources ?? []
    if (reflection.kind === ReflectionKind.Module) reflection.name = names.get(source?.fullFileName) ?? reflection.name
  })
  const project = await app.convert()
  if (project) app.validate(project)
  return { app, project, problems: app.logger.problems }
}

class CollectingLogger extends Logger {
  problems = []

  log(message, level) {
    if (level >= LogLevel.Warn) this.problems.push(message)
  }
}

async function main() {
  const { app, project, problems } = await readApi()
  if (project && problems.length === 0) await app.generateOutputs(project)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else console.log(`Written to ${relative(root, join(app.options.getValue('out'), 'index.html'))}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
