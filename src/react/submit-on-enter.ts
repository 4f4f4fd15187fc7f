import type { KeyboardEvent } from 'react'

/**
 * Enter submits, Shift+Enter begins a line, and the Enter that ends an input method's composition is neither. Safari ends the
 * composition before that key event and marks it with key code 229 only.
 */
export function submitOnEnter(event: KeyboardEvent, submit: () => void): void {
  // oxlint-disable-next-line typescript/no-deprecated -- See above.
  if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return
  event.preventDefault()
  submit()
}
