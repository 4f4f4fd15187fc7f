import ts from 'typescript'

/** Constructors whose instances hold nothing, or that are judged by whether somebody writes to them. */
const stateless = new Set([
  'RegExp',
  'TextEncoder',
  'TextDecoder',
  'URL',
  'Error',
  'Intl.DateTimeFormat',
  'Intl.Segmenter',
])
const collections = new Set(['Map', 'Set', 'Array', 'Uint8Array', 'Uint32Array'])
const writers = /^(set|add|delete|clear|push|pop|shift|unshift|splice|sort|reverse|fill|copyWithin)$/

function unwrap(expression: ts.Expression): ts.Expression {
  if (
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression) ||
    ts.isParenthesizedExpression(expression)
  ) {
    return unwrap(expression.expression)
  }
  return expression
}

/** What a module-level constant holds: nothing that can change, something that could be written to, or state in any case. */
function kindOf(initializer: ts.Expression | undefined, file: ts.SourceFile): 'constant' | 'writable' | 'state' {
  if (!initializer) return 'constant'
  const value = unwrap(initializer)
  if (ts.isArrayLiteralExpression(value) || ts.isObjectLiteralExpression(value)) return 'writable'
  if (!ts.isNewExpression(value)) return 'constant'
  const name = value.expression.getText(file)
  if (stateless.has(name)) return 'constant'
  return collections.has(name) ? 'writable' : 'state'
}

/** The variable at the root of `a.b[c].d`. */
function rootName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text
  if (ts.isPropertyAccessExpression(expression) || ts.isElementAccessExpression(expression))
    return rootName(expression.expression)
  if (ts.isNonNullExpression(expression) || ts.isAsExpression(expression) || ts.isParenthesizedExpression(expression)) {
    return rootName(expression.expression)
  }
  return undefined
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment
}

/** The expression that `node` writes into, if it does: `x.a = 1`, `x.n++`, `delete x.a`, `x.push(1)`. */
function written(node: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) return node.left
  if (ts.isPostfixUnaryExpression(node)) return node.operand
  if (ts.isPrefixUnaryExpression(node) && /^(\+\+|--)$/.test(ts.tokenToString(node.operator) ?? '')) return node.operand
  if (ts.isDeleteExpression(node)) return node.expression
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    return writers.test(node.expression.name.text) ? node.expression.expression : undefined
  }
  return undefined
}

function collectWrites(file: ts.SourceFile): Set<string> {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    const target = written(node)
    const name = target && rootName(target)
    if (name) names.add(name)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return names
}

/**
 * State that outlives a client: module-level `let`, constants that the file writes to, instances of anything that is not known to be
 * stateless, and static class fields that are not read-only. Names are matched without scopes: a local variable that shadows a
 * module-level one is a false alarm, cured by a better name.
 */
export function findModuleState(name: string, text: string): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
  const writes = collectWrites(file)
  const found: string[] = []
  const report = (node: ts.Node, why: string): void => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
    found.push(`${name}:${line + 1} ${why}`)
  }

  const checkVariables = (statement: ts.VariableStatement): void => {
    if (statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword)) return
    const isConst = (statement.declarationList.flags & ts.NodeFlags.Const) !== 0
    for (const declaration of statement.declarationList.declarations) {
      const variable = declaration.name.getText(file)
      const kind = kindOf(declaration.initializer, file)
      if (!isConst) report(declaration, `${variable} is a module-level let`)
      else if (kind === 'state') report(declaration, `${variable} is a module-level instance`)
      else if (kind === 'writable' && writes.has(variable)) report(declaration, `${variable} is written to`)
    }
  }
  const checkClass = (declaration: ts.ClassDeclaration): void => {
    for (const member of declaration.members) {
      if (ts.isClassStaticBlockDeclaration(member)) report(member, 'static block')
      if (!ts.isPropertyDeclaration(member)) continue
      const has = (kind: ts.SyntaxKind) => member.modifiers?.some((modifier) => modifier.kind === kind)
      if (!has(ts.SyntaxKind.StaticKeyword)) continue
      const isSafe = has(ts.SyntaxKind.ReadonlyKeyword) && kindOf(member.initializer, file) === 'constant'
      if (!isSafe) report(member, `static ${member.name.getText(file)} is shared by all instances`)
    }
  }

  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) checkVariables(statement)
    if (ts.isClassDeclaration(statement)) checkClass(statement)
  }
  return found
}
