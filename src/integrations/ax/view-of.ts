/**
 * `target` with some methods replaced. Everything else is the target's own: its methods run on it, so that private fields work, and
 * `instanceof`, setters and identity hold. What returns the target returns the view.
 */
export function viewOf<T extends object>(
  target: T,
  replace: (name: PropertyKey, method: Method) => Method | undefined,
): T {
  const views = new WeakMap<object, object>()

  function methodView(name: PropertyKey, method: Method): object {
    const replaced = replace(name, method)
    return (
      replaced ??
      new Proxy(method, {
        apply(_, self, args) {
          const result: unknown = Reflect.apply(method, self === view ? target : self, args)
          return result === target ? view : result
        },
      })
    )
  }

  const view: T = new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target)
      // A proxy must show what is frozen as it is.
      if (typeof value !== 'function' || name === 'constructor' || isFixed(target, name)) return value
      const known = views.get(value)
      if (known) return known
      const made = methodView(name, value as Method)
      views.set(value, made)
      return made
    },
    set: (_, name, value) => Reflect.set(target, name, value, target),
  })
  return view
}

export type Method = (...args: unknown[]) => unknown

function isFixed(target: object, name: PropertyKey): boolean {
  const own = Reflect.getOwnPropertyDescriptor(target, name)
  return own?.configurable === false && own.writable === false
}
