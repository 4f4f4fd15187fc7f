/** By the command that worked before the clipboard had an interface, and works without https. */
function copyBySelection(text: string): boolean {
  const focused = document.activeElement as HTMLElement | null
  const field = document.createElement('textarea')
  field.value = text
  field.style.cssText = 'position:fixed;opacity:0'
  document.body.append(field)
  field.select()
  // oxlint-disable-next-line typescript/no-deprecated -- There is no other way on plain http, yet.
  const isCopied = document.execCommand?.('copy')
  field.remove()
  focused?.focus()
  return isCopied
}

/** Resolves with whether the text is in the clipboard. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    // Not on plain http, or not allowed.
    return copyBySelection(text)
  }
}
