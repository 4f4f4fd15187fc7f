/**
 * Rule 5 of the house, lowest layer first: a file of src/core imports its own layer and those below it.
 * `file` stands for file.ts, file-….ts and file/…. A new name in core is placed here; test/boundaries.test.ts fails until it is.
 */
const layers = [
  // Knows no record: values, sizes and names.
  'types ports topic errors checks values unwrap size truncate truncation utf8 ids version',
  // Knows records, and not why they are there.
  'options store queue shelf recent stock bounds picking staging amendments record reservations sealing fifo ledger memory resilient wire retry headers outlet mirror debug gate holds batch forwarding otlp',
  // Knows what users do, and when to send it.
  'interaction interactions integration event keep track feedback signal tracing span delivery upload reporter',
  'client platform pipeline intake handles life ending relay index',
].map((names) => names.split(' '))

/** A regular expression for the files under these names. */
const filesNamed = (names) => `^src/core/(${names.join('|')})[-./]`

module.exports = { layers, filesNamed }
