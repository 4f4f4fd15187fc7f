import { forwardRef, type HTMLAttributes, type ReactElement, type Ref } from 'react'
import { type Group, useGroup } from './group'
import { type AnyProps, useSlot } from './slot'

/** A piece of a group. `render` puts it into an element of yours: props, handlers, classes and refs are merged. */
export type Part<P = HTMLAttributes<HTMLElement>> = (
  props: P & { render?: ReactElement; ref?: Ref<HTMLElement> },
) => ReactElement | null

/** What a part sets on its element, or null where it shows nothing now; and what is left of the props that it was given. */
export type PartProps = readonly [own: AnyProps | null, given: AnyProps]

/** A ref is forwarded, since React 18 gives none to a function component. */
export function createPart<P = HTMLAttributes<HTMLElement>>(
  name: string,
  tag: string,
  use: (group: Group, given: AnyProps) => PartProps,
): Part<P> {
  const component = forwardRef<HTMLElement, AnyProps>((props, ref) => {
    const group = useGroup()
    const [own, given] = use(group, props)
    return useSlot(tag, own && { 'data-raindrop': name, ...group.data, ...own }, given, ref)
  })
  component.displayName = `Feedback.${name}`
  return component as unknown as Part<P>
}
