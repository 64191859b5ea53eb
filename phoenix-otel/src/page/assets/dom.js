// Creates elements without markup in strings, so data of the service is always plain text.

export function h(tag, properties = {}, ...children) {
  const element = tag.startsWith('svg:')
    ? document.createElementNS('http://www.w3.org/2000/svg', tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Sets a text only if it changes, to avoid needless layout. */
export function text(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** The head of a column. Numbers are aligned to the right. */
export const column = (name, isNumber) => h('th', { scope: 'col', class: isNumber && 'number' }, name);

/** A name with possible line breaks after its parts. */
export function breakable(name) {
  return name.split(/(?<=[_/.=]|:(?!:))/).flatMap((part, at) => (at ? [h('wbr'), part] : [part]));
}

/** Keeps the children of an element in the order of `keys`. Existing children are reused, so they keep focus and selection. */
export function keyed(parent, keys, make) {
  const known = (parent.known ??= new Map());
  const wanted = new Set(keys);
  for (const [key, item] of known) {
    if (!wanted.has(key)) {
      item.element.remove();
      item.gone?.();
      known.delete(key);
    }
  }
  keys.forEach((key, at) => {
    if (!known.has(key)) known.set(key, make(key));
    const { element } = known.get(key);
    if (parent.children[at] !== element) parent.insertBefore(element, parent.children[at] ?? null);
  });
  return keys.map((key) => known.get(key));
}

/** A button that copies a text. */
export function copyButton(value, what) {
  const button = h('button', { type: 'button', class: 'copy', 'aria-label': `Copy ${what}` }, 'Copy');
  button.addEventListener('click', async () => {
    const content = typeof value === 'function' ? value() : value;
    let done = false;
    try {
      await navigator.clipboard.writeText(content);
      done = true;
    } catch {
      // Without a secure context there is no clipboard API. Selects the text, so that the user can copy it with the keyboard.
      const source = button.parentElement?.querySelector('code');
      if (source) getSelection().selectAllChildren(source);
    }
    button.textContent = done ? 'Copied' : 'Selected';
    setTimeout(() => (button.textContent = 'Copy'), 1500);
  });
  return button;
}
