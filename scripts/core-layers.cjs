/**
 * Rule 5 of the house, lowest layer first: a file of src/core imports its own layer and those below it.
 * `delivery` stands for delivery.ts, delivery-….ts and delivery/…. A new name in core is placed here;
 * test/boundaries.test.ts fails until it is.
 */
const layers = [
  ['types', 'ports', 'errors', 'values', 'size', 'ids', 'version', 'utf8', 'truncate', 'truncation', 'unwrap'],
  ['options', 'store', 'memory', 'ordered', 'fifo', 'ledger', 'queue', 'wire', 'retry'],
  ['interaction', 'feedback', 'tracing', 'delivery'],
  ['client', 'index'],
]

/** A regular expression for the files under these names. */
const filesNamed = (names) => `^src/core/(${names.join('|')})[-./]`

module.exports = { layers, filesNamed }
