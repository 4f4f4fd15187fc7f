import type { ReactNode } from 'react'
import { InspectorFrame } from '../../components/inspector/inspector-frame'

export default function InspectorLayout({ children }: { children: ReactNode }) {
  return <InspectorFrame>{children}</InspectorFrame>
}
