const stopWords = new Set(
  `a about after all also am an and any are as at be been but by can could do does did for from get give happen happens has have how i if in into is it
  its just let like make may me more most much my need no not of on one or our out over please really say show should so some such tell than
  that the their them then there these they this those to too under up us use used using very want was we were what when where which while who
  why will with work works would you your raindrop`.split(/\s+/),
)

/** Words of a text, lower case; `trackAi` is found as itself, as "track" and as "ai". */
export const tokenize = (text: string): string[] => text.split(/[^\p{L}\p{N}_$]+/u).filter(Boolean)

/** What a word is indexed and looked up as; nothing for words that say nothing. */
export function termsOf(word: string): string[] {
  const parts = word.split(/(?<=[a-z0-9])(?=[A-Z])|_/).filter((part) => part.length > 1)
  const all = parts.length > 1 ? [word, ...parts] : [word]
  return [...new Set(all.map((part) => stem(part.toLowerCase())))].filter(
    (term) => term.length > 1 && !stopWords.has(term),
  )
}

/** Enough of English to make "events", "losing" and "delivered" meet "event", "lose" and "deliver". */
function stem(word: string): string {
  if (word.length < 5 || stopWords.has(word)) return word
  return word
    .replace(/(?:ies)$/, 'y')
    .replace(/(?:sses)$/, 'ss')
    .replace(/(?<![su])s$/, '')
    .replace(/(?<=.{3})(?:ing|ed|e)$/, '')
    .replace(/(?<=.{2})([^aeiouls])\1$/, '$1')
}
