import { toJsxRuntime } from 'hast-util-to-jsx-runtime'
import { common, createLowlight } from 'lowlight'
import type { ReactNode } from 'react'
import { Fragment, jsx, jsxs } from 'react/jsx-runtime'

const lowlight = createLowlight(common)

/** React elements of the text; the text alone where the language is unknown. */
export function highlight(text: string, language: string): ReactNode {
  if (!lowlight.registered(language)) return text
  return toJsxRuntime(lowlight.highlight(language, text), { Fragment, jsx, jsxs })
}
