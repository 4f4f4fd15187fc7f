import { forwardRef, type HTMLAttributes, type ReactElement, type Ref } from 'react'
import { jsx } from 'react/jsx-runtime'
import { type Group, useGroup } from './group'
import { type AnyProps, useSlot } from './slot'
import { isPending } from './use-signal'

/** A piece of a group. `render` puts it into an element of yours: props, handlers, classes and refs are merged. */
export type Part<P = HTMLAttributes<HTMLElement>> = (
  props: P & { render?: ReactElement; ref?: Ref<HTMLElement> },
) => ReactElement | null

/** What a part is: an element, and what it sets there; nothing where it shows nothing now. */
export interface PartOf {
  readonly name: string
  readonly tag: 'button' | 'div' | 'span' | 'textarea'
  own(group: Group, props: AnyProps): AnyProps | null | undefined | false
}

const NOTHING: AnyProps = {}

/** What styles may look at, on every part. */
const dataOf = ({ state }: Group): AnyProps => ({
  'data-state': state.delivery,
  'data-vote': state.vote ?? 'none',
  'data-pending': isPending(state) ? '' : undefined,
  'data-error': state.delivery === 'failed' ? '' : undefined,
})

/** Everything that a part sets on its element. */
export function ownProps(part: PartOf, group: Group, props = NOTHING): AnyProps | null {
  const own = part.own(group, props) || null
  return own && { 'data-raindrop': part.name, ...dataOf(group), ...own }
}

/** The part as an element, where nothing has to be merged into it. */
export function draw(part: PartOf, group: Group, props?: AnyProps): ReactElement | null {
  const own = ownProps(part, group, props)
  return own && jsx(part.tag, own)
}

/** The part as an element, with what was given for it merged in. */
export function usePart(part: PartOf, group: Group, props: AnyProps, ref: Ref<HTMLElement>): ReactElement | null {
  return useSlot(part.tag, ownProps(part, group, props), props, ref)
}

/** The part as a component. Its ref is forwarded, since React 18 gives none to a function. */
export function toComponent<P = HTMLAttributes<HTMLElement>>(part: PartOf): Part<P> {
  return forwardRef<HTMLElement, AnyProps>((props, ref) => usePart(part, useGroup(), props, ref)) as unknown as Part<P>
}
