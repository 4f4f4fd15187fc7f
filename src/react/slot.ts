import { cloneElement, type ElementType, isValidElement, type ReactElement, type Ref, useMemo, version } from 'react'
import { jsx } from 'react/jsx-runtime'

/** Props of an element, of whatever kind: what a part sets, and what was given for it. */
export type AnyProps = Record<string, unknown>

type Handler = (event: { defaultPrevented?: boolean }, ...rest: unknown[]) => void

const isHandler = (name: string, value: unknown): value is Handler =>
  /^on[A-Z]/.test(name) && typeof value === 'function'

/** The given handler goes first, and `preventDefault()` in it keeps the part's own from running. */
const chain =
  (given: Handler, own: Handler): Handler =>
  (event, ...rest) => {
    given(event, ...rest)
    if (!event?.defaultPrevented) own(event, ...rest)
  }

/** Props of parts that are none of an element. */
const TAKEN =
  'eventId attachmentId token comment streaming labels undoWindowMs properties text output onSave for'.split(' ')

/** What is given counts, but handlers both run and classes and styles join. */
function mergeProps(own: AnyProps, given: AnyProps): AnyProps {
  const merged = { ...own }
  for (const name of Object.keys(given)) {
    const [before, value] = [own[name], given[name]]
    if (TAKEN.includes(name)) continue
    if (isHandler(name, value) && isHandler(name, before)) merged[name] = chain(value, before)
    else if (name === 'className' && before) merged[name] = `${before} ${value}`
    else if (name === 'style' && before) merged[name] = { ...before, ...(value as object) }
    else merged[name] = value
  }
  return merged
}

/** Whether a ref is a prop, as from React 19 on; looking for it in the other place warns. */
const REF_IS_PROP = version >= '19'

function refOf(element: ReactElement): Ref<HTMLElement> | undefined {
  const { ref } = (REF_IS_PROP ? element.props : element) as { ref?: Ref<HTMLElement> }
  return ref
}

function mergeRefs(refs: Array<Ref<HTMLElement> | undefined>): Ref<HTMLElement> | undefined {
  const given = refs.filter((ref) => ref != null)
  if (given.length < 2) return given[0]
  // The end is a call with null, in every version of React: an end that a callback returns is not called where there are two refs.
  return (node) => {
    for (const ref of given) {
      if (typeof ref === 'function') void ref(node)
      else ref.current = node
    }
  }
}

/**
 * `render`, with the props and refs of the part merged into its own; or the part's own element. Nothing where the part shows nothing now.
 */
export function useSlot(tag: ElementType, own: AnyProps | null, { render, ...given }: AnyProps, ref: Ref<HTMLElement>) {
  const element = isValidElement<AnyProps>(render) ? render : undefined
  const refs = [own?.['ref'] as Ref<HTMLElement> | undefined, ref, element && refOf(element)]
  // The same callback for the same refs: a new one would make React let go of the node at each render.
  // oxlint-disable-next-line react/exhaustive-deps -- They are the list.
  const merged = useMemo(() => mergeRefs(refs), refs)
  if (!own) return null
  const props = { ...mergeProps(mergeProps(own, given), element?.props ?? {}), ...(merged && { ref: merged }) }
  return element ? cloneElement(element, props) : jsx(tag, props)
}
