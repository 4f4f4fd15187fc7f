import Link from 'next/link'
import { Notice } from '../components/chat/notice'

export default function NotFound() {
  return (
    <Notice title="Nothing is here">
      <p>The conversation was deleted, or it belongs to another browser.</p>
      <p>
        <Link href="/">Ask the documentation</Link>
      </p>
    </Notice>
  )
}
