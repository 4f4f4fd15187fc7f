/** A piece of the documentation: what stands under one heading, without what stands under deeper ones. */
export interface Section {
  /** Stable while the text stays where it is: file and anchor. */
  id: string
  /** Relative to the repository, with forward slashes. */
  file: string
  /** From the page's title down to the section's own heading. */
  headings: readonly string[]
  /** Markdown, without the heading. */
  text: string
}

/** "Delivery › Requests", as a citation names it. */
export const sectionTitle = ({ file, headings }: Pick<Section, 'file' | 'headings'>) =>
  headings.length > 0 ? headings.slice(-2).join(' › ') : file
