import { join } from 'node:path'
import ts from 'typescript'
import type { CodeBlock } from './markdown'

function readOptions(root: string): ts.CompilerOptions {
  const file = join(root, 'tsconfig.json')
  const { config } = ts.readConfigFile(file, (path) => ts.sys.readFile(path)) as { config: unknown }
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root)
  // An example may show a variable that nobody reads, and import a type without saying so.
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    verbatimModuleSyntax: false,
    incremental: false,
    tsBuildInfoFile: undefined,
  }
}

/** Compiles all blocks in one program, each as a module in the project's root. Returns one line per error. */
export function compileBlocks(root: string, blocks: readonly CodeBlock[]): string[] {
  const options = readOptions(root)
  const host = ts.createCompilerHost(options)
  const files = new Map(blocks.map((block, index) => [join(root, `doc-block-${index}.${block.language}`), block]))
  const { fileExists, readFile } = host
  host.fileExists = (path) => files.has(path) || fileExists(path)
  // `export {}` behind, so that lines keep their numbers: what one block declares is no business of the next.
  const textOf = (path: string) => (files.has(path) ? `${files.get(path)!.code}\nexport {}\n` : readFile(path))
  host.readFile = textOf
  host.getSourceFile = (path, languageVersion) => {
    const text = textOf(path)
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion, true)
  }
  const program = ts.createProgram([...files.keys()], options, host)
  return [...files.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
      const { place } = files.get(path)!
      const [, page, firstLine] = /^(.*):(\d+)$/.exec(place)!
      const line = file ? file.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line : 0
      return `${page}:${Number(firstLine) + line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`
    })
  })
}
