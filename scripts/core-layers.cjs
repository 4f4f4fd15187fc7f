/**
 * Rule 5 of the house, lowest layer first: a file of src/core imports its own layer and those below it.
 * A new file in core is placed here; test/boundaries.test.ts fails until it is.
 */
module.exports = [
  ['types', 'ports', 'errors', 'values', 'size'],
  ['options', 'store', 'queue', 'wire', 'retry'],
  ['interaction', 'feedback', 'tracing', 'delivery'],
  ['client', 'index'],
]
