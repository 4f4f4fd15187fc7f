import { Home } from './home.js'
import { Segment } from './segment.js'

/** Where new records go: our home and the file in it that is being filled. Both are made when they are first needed. */
export class WritingPlace {
  private readonly directory: string
  private openedHome: Home | undefined
  private current: Segment | undefined

  constructor(directory: string) {
    this.directory = directory
  }

  get home(): Home | undefined {
    return this.openedHome
  }

  /** A file that takes an append now. */
  segment(): Segment {
    const { current } = this
    if (current !== undefined && !current.isSealed && !current.isFull) return current
    this.seal()
    try {
      this.current = Segment.create(this.openHome().nextSegmentPath())
    } catch (error) {
      // The folder was removed, or taken over: once more, in a new one.
      if (!isGone(error)) throw error
      this.leave()
      this.current = Segment.create(this.openHome().nextSegmentPath())
    }
    return this.current
  }

  /** One that nothing asynchronous is being written to: behind such a write offsets are unknown, and it may yet end in half a line. */
  quietSegment(): Segment {
    if (this.current?.isBusy) this.seal()
    return this.segment()
  }

  openHome(): Home {
    this.openedHome ??= new Home(this.directory)
    return this.openedHome
  }

  /** After a file was not where it should be. */
  leaveWhatIsLost(segment: Segment): void {
    if (segment === this.current) this.seal()
    if (this.openedHome?.isOurs === false) this.leave()
  }

  leave(): void {
    this.seal()
    this.openedHome?.close()
    this.openedHome = undefined
  }

  private seal(): void {
    this.current?.seal()
    this.current?.clear()
    this.current = undefined
  }
}

export const isGone = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code === 'ENOENT'
