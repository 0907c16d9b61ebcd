// Bytes on the left, their tree on the right, what the chosen field is for below, and under that a byte to change and
// what becomes of it. Draws what the model holds, says what the reader did; owns no logic.
// All text from the data goes in as text, never as HTML.

const ROW = 16 // bytes in a line of hex
const MANY = 100 // a box with more elements than this begins closed
let count = 0

const make = (tag, className = "", text = "") => {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  return element
}

// Scroll only the box itself, never the page.
const reveal = (box, element) => {
  const outer = box.getBoundingClientRect(), inner = element.getBoundingClientRect()
  if (inner.top < outer.top + 4) box.scrollTop -= outer.top + 24 - inner.top
  else if (inner.bottom > outer.bottom - 4) box.scrollTop += Math.min(inner.bottom - outer.bottom + 24, inner.top - outer.top)
}

function render({ model, el }) {
  const id = `pl-x-${Date.now().toString(36)}-${count++}`
  let rows = [], parents = [], ends = [], spans = [], items = new Map(), open = new Set(), shown = []
  let selected = 0, over = -1, at = 0, changed = new Set() // at: the byte that the form is about
  let stale = true // stale: boxes were opened or closed since the tree was drawn

  const root = make("div", "padlock")
  const card = make("section", "pl-card")
  const title = make("div", "pl-title")
  title.id = `${id}-title`
  title.setAttribute("role", "heading")
  title.setAttribute("aria-level", "3")
  card.setAttribute("aria-labelledby", title.id)
  const lead = make("p", "pl-x-lead")
  const both = make("div", "pl-x")
  const bytes = make("div", "pl-x-bytes")
  const hex = make("div", "pl-x-hex")
  hex.tabIndex = 0
  hex.setAttribute("role", "group")
  hex.setAttribute("aria-label", "Bytes, grouped by field. Left and right go to the field before and after, up and down to the line above and below.")
  const legend = make("p", "pl-x-legend")
  const names = make("div", "pl-x-names")
  const tree = make("ul", "pl-x-tree")
  tree.setAttribute("role", "tree")
  tree.setAttribute("aria-label", "Fields")
  const about = make("div", "pl-note pl-x-about")
  about.tabIndex = 0
  about.setAttribute("role", "group")
  about.setAttribute("aria-label", "About the chosen field")
  const said = make("div")
  said.setAttribute("aria-live", "polite")
  about.append(said)
  bytes.append(hex, legend)
  names.append(tree)
  const cursor = make("span", "pl-x-cursor")
  cursor.setAttribute("aria-hidden", "true")
  const form = make("form", "pl-x-edit")
  const field = (words, type) => {
    const label = make("label", "", words), input = make("input")
    input.type = type
    label.append(input)
    return { label, input }
  }
  const where = field("Byte ", "number"), what = field("make it (hex) ", "text"), place = make("span", "pl-x-place")
  where.input.min = 0
  what.input.maxLength = 2
  what.input.size = 3
  what.input.autocomplete = "off"
  what.input.spellcheck = false
  const button = (words, type = "button") => { const made = make("button", "", words); made.type = type; return made }
  const change = button("Change it", "submit"), undo = button("Undo"), reset = button("As it was")
  form.append(where.label, place, what.label, change, undo, reset)
  const answers = make("ul", "pl-x-answers")
  answers.setAttribute("aria-live", "polite")
  answers.setAttribute("aria-label", "What becomes of it")
  both.append(bytes, names)
  card.append(title, lead, both, about, form, answers)
  root.append(card)
  el.append(root)

  let drawn = -1
  const isBox = i => ends[i] > i + 1

  function load() {
    rows = model.get("tree") || []
    parents = []; ends = []
    const path = []
    rows.forEach((row, i) => {
      while (path.length > row.depth) ends[path.pop()] = i
      parents.push(path.length ? path[path.length - 1] : -1)
      path.push(i)
    })
    while (path.length) ends[path.pop()] = rows.length
    const inside = new Map()
    for (const up of parents) inside.set(up, (inside.get(up) || 0) + 1)
    const first = [...rows.keys()].filter(i => i < 2 && inside.get(i) <= MANY)
    open = rows.length === drawn ? open : new Set(first) // an edit that leaves the tree as it is closes nothing
    drawn = rows.length
    changed = new Set(model.get("changes") || [])
    selected = Math.max(0, Math.min(model.get("selected") || 0, rows.length - 1))
    over = -1
    stale = true
    words()
    drawHex()
    drawLegend()
    show()
    if (rows.length) edit(owner(at) === selected && at <= last() ? at : content(selected))
    drawAnswers()
  }

  // All values of an edit arrive together: draw once.
  let due = false
  const later = () => {
    if (due) return
    due = true
    queueMicrotask(() => { due = false; load() })
  }

  function words() {
    title.textContent = model.get("title")
    lead.textContent = model.get("sentence")
    both.hidden = about.hidden = rows.length === 0
    form.hidden = answers.hidden = rows.length === 0 || !model.get("editable")
  }

  function drawLegend() {
    legend.replaceChildren()
    for (const [tint, text] of Object.entries(model.get("legend") || {})) legend.append(make("span", `pl-tint-${tint}`, text))
  }

  // Each byte belongs to one field; a field that runs over the end of a line has a span in each.
  function drawHex() {
    const data = model.get("hex") || "", size = data.length / 2
    spans = rows.map(() => [])
    const page = document.createDocumentFragment()
    let line = null, room = 0
    const put = (i, from, to, header) => {
      for (let at = from; at < to;) {
        if (at % ROW === 0 || !line) {
          line = make("div", "pl-x-row")
          line.append(make("i", "", String(at).padStart(5)))
          room = make("div")
          line.append(room)
          page.append(line)
        }
        const stop = Math.min(to, at - at % ROW + ROW)
        if (at % ROW) room.append(" ")
        const span = make("span", i < 0 ? "pl-x-b" : `pl-x-b pl-tint-${rows[i].tint}`)
        const split = Math.max(at, Math.min(stop, header))
        const text = (a, b) => data.slice(2 * a, 2 * b).replace(/..(?=.)/g, "$& ")
        const marked = (into, a, b) => { // what was changed is marked
          for (let from = a; from < b;) {
            let to = from + 1
            while (to < b && changed.has(to) === changed.has(from)) to++
            into.append(changed.has(from) ? make("mark", "", text(from, to)) : text(from, to), to < b ? " " : "")
            from = to
          }
        }
        if (split > at) { const head = make("u"); marked(head, at, split); span.append(head) }
        if (split > at && stop > split) span.append(" ")
        if (stop > split) marked(span, split, stop)
        span.dataset.from = at
        span.dataset.n = stop - at
        if (i >= 0) { span.dataset.i = i; spans[i].push(span) }
        room.append(span)
        at = stop
      }
    }
    let done = 0
    rows.forEach((row, i) => {
      const stop = Math.min(row.offset + row.own, size)
      if (stop > row.offset) put(i, row.offset, stop, row.offset + row.header)
      done = Math.max(done, stop)
    })
    if (done < size) put(-1, done, size, done)
    hex.replaceChildren(page)
  }

  // ---- changing a byte

  const last = () => Math.max(0, (model.get("hex") || "").length / 2 - 1)

  // The first byte of what a field says; of a box, the last of its header.
  const content = i => Math.min(rows[i].offset + Math.min(rows[i].header, Math.max(0, rows[i].own - 1)), last())

  // The form is about byte `offset`: say what it is, and mark it.
  function edit(offset) {
    at = offset
    where.input.max = last()
    if (Number(where.input.value) !== at || where.input.value === "") where.input.value = at
    const now = (model.get("hex") || "").slice(2 * at, 2 * at + 2), row = rows[owner(at)]
    place.textContent = `in ${row.label}, now ${now}`
    const span = spans[owner(at)].find(span => at >= Number(span.dataset.from) && at < Number(span.dataset.from) + Number(span.dataset.n))
    cursor.remove()
    if (!span || form.hidden) return
    cursor.style.left = `${3 * (at - span.dataset.from)}ch` // in letters, so that nothing has to be measured
    span.append(cursor)
  }

  function drawAnswers() {
    const marks = { ok: "✓", no: "✗", unknown: "?" }
    answers.replaceChildren(...(model.get("answers") || []).map(answer => {
      const item = make("li")
      item.append(make("b", `pl-${answer.mark}`, `${marks[answer.mark]} ${answer.head}`), " ", answer.words)
      return item
    }))
    undo.disabled = !model.get("steps")
    reset.disabled = !(model.get("changes") || []).length
  }

  const send = message => { try { model.send(message) } catch { /* a page without a kernel */ } }
  where.input.addEventListener("change", () => {
    const wanted = Math.max(0, Math.min(last(), Math.trunc(Number(where.input.value)) || 0))
    select(owner(wanted))
    edit(wanted)
  })
  form.addEventListener("submit", event => {
    event.preventDefault()
    const good = /^[0-9a-f]{1,2}$/i.test(what.input.value.trim())
    what.input.setAttribute("aria-invalid", String(!good))
    if (!good) { place.textContent = "two hex digits, 00 to ff, please"; what.input.focus(); return }
    send({ put: [at, parseInt(what.input.value, 16)] })
  })
  undo.addEventListener("click", () => send({ undo: true }))
  reset.addEventListener("click", () => send({ reset: true }))
  form.addEventListener("keydown", event => event.stopPropagation()) // letters and Enter are ours, not the notebook's

  function drawTree() {
    shown = []
    for (let i = 0; i < rows.length;) {
      shown.push(i)
      i = isBox(i) && !open.has(i) ? ends[i] : i + 1
    }
    const seen = new Map() // places among siblings
    const siblings = new Map()
    for (const i of shown) siblings.set(parents[i], (siblings.get(parents[i]) || 0) + 1)
    items = new Map()
    const list = document.createDocumentFragment()
    for (const i of shown) {
      const row = rows[i], item = make("li")
      seen.set(parents[i], (seen.get(parents[i]) || 0) + 1)
      item.setAttribute("role", "treeitem")
      item.setAttribute("aria-level", row.depth + 1)
      item.setAttribute("aria-setsize", siblings.get(parents[i]))
      item.setAttribute("aria-posinset", seen.get(parents[i]))
      item.setAttribute("aria-selected", "false")
      if (isBox(i)) item.setAttribute("aria-expanded", open.has(i))
      item.tabIndex = -1
      item.dataset.i = i
      item.style.paddingLeft = `${2 + 13 * Math.min(row.depth, 14)}px`
      const twist = make("i", "", isBox(i) ? (open.has(i) ? "▾" : "▸") : "")
      twist.setAttribute("aria-hidden", "true")
      item.append(twist, make("b", "", row.label), " ", make("span", row.error ? "pl-no" : "", row.error ? `✗ ${row.error}` : row.text))
      items.set(i, item)
      list.append(item)
    }
    const had = tree.contains(document.activeElement)
    tree.replaceChildren(list)
    return had
  }

  // The line of the tree that stands for a field: itself, or the closed box it lies in.
  const standIn = i => { while (i >= 0 && !items.has(i)) i = parents[i]; return i }

  function show(focus = false) {
    if (!rows.length) { tree.replaceChildren(); hex.replaceChildren(); said.replaceChildren(); return }
    for (let up = parents[selected]; up >= 0; up = parents[up]) if (!open.has(up)) { open.add(up); stale = true }
    const had = stale && drawTree()
    stale = false
    const old = tree.querySelector(".on")
    if (old) {
      old.classList.remove("on")
      old.setAttribute("aria-selected", "false")
      old.tabIndex = -1
    }
    const item = items.get(selected)
    item.classList.add("on")
    item.setAttribute("aria-selected", "true")
    item.tabIndex = 0
    for (const old of hex.querySelectorAll(".on, .in")) old.classList.remove("on", "in")
    const stop = ends[selected] - selected === rows.length ? selected + 1 : ends[selected] // all of it is no news
    for (let i = selected; i < stop; i++) for (const span of spans[i]) span.classList.add(i === selected ? "on" : "in")
    if (focus || had) item.focus({ preventScroll: true })
    reveal(tree, item)
    if (spans[selected][0]) reveal(hex, spans[selected][0].parentNode)
    hover(-1)
  }

  function tell(i) {
    const row = rows[i], ink = [], head = make("p"), value = make("p"), use = make("p")
    head.append(make("b", "", row.label), ` · ${row.type === row.label ? "" : `${row.type} `}at byte ${row.offset}, ${row.header ? `header ${row.header}, content ` : ""}${row.length} bytes`)
    ink.push(head)
    if (row.error) { const wrong = make("p"); wrong.append(make("b", "pl-no", "✗ "), row.error); ink.push(wrong) }
    else if (row.text) { value.append(make("code", "", row.text)); ink.push(value) }
    use.append(row.note ? `${row.note} ` : "", make("small", "", row.clause))
    ink.push(use)
    if (row.breaks) { const without = make("p"); without.append(make("b", "", "What breaks: "), row.breaks); ink.push(without) }
    said.replaceChildren(...ink)
  }

  function hover(i) {
    for (const old of root.querySelectorAll(".over")) old.classList.remove("over")
    over = i
    if (i >= 0 && i !== selected) {
      for (const span of spans[i]) span.classList.add("over")
      const item = items.get(standIn(i))
      if (item) item.classList.add("over")
    }
    tell(i >= 0 ? i : selected)
  }

  function select(i, focus = false) {
    if (!rows[i]) return // past either end: there is no such line
    const fresh = i !== selected
    selected = i
    show(focus)
    edit(content(i))
    if (fresh) {
      model.set("selected", i)
      try { model.save_changes() } catch { /* a page without a kernel */ }
    }
  }

  const pointed = event => { const found = event.target.closest("[data-i]"); return found ? Number(found.dataset.i) : -1 }
  for (const box of [hex, tree]) {
    box.addEventListener("mouseover", event => { if (pointed(event) !== over) hover(pointed(event)) })
    box.addEventListener("mouseleave", () => hover(-1))
  }
  hex.addEventListener("click", event => {
    const i = pointed(event)
    if (i < 0) return
    select(i)
    const span = event.target.closest(".pl-x-b"), box = span.getBoundingClientRect(), n = Number(span.dataset.n)
    edit(Number(span.dataset.from) + Math.max(0, Math.min(n - 1, Math.floor((event.clientX - box.left) / box.width * n))))
  })
  tree.addEventListener("click", event => {
    const i = pointed(event)
    if (i < 0) return
    if (event.target.tagName === "I" && isBox(i)) turn(i, !open.has(i))
    else select(i, true)
  })
  tree.addEventListener("dblclick", event => { const i = pointed(event); if (i >= 0 && isBox(i)) turn(i, !open.has(i)) })

  function turn(i, on) {
    stale = true
    if (on) open.add(i)
    else {
      open.delete(i)
      if (selected > i && selected < ends[i]) { select(i, true); return }
    }
    show(true)
  }

  tree.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const place = shown.indexOf(selected), box = isBox(selected)
    const moves = {
      ArrowDown: () => select(shown[place + 1], true),
      ArrowUp: () => select(shown[place - 1], true),
      Home: () => select(shown[0], true),
      End: () => select(shown[shown.length - 1], true),
      ArrowRight: () => box && (open.has(selected) ? select(selected + 1, true) : turn(selected, true)),
      ArrowLeft: () => box && open.has(selected) ? turn(selected, false) : select(parents[selected], true),
      Enter: () => box && turn(selected, !open.has(selected)),
      " ": () => box && turn(selected, !open.has(selected)),
      "*": () => { for (let i = 0; i < rows.length; i++) if (parents[i] === parents[selected]) open.add(i); stale = true; show(true) },
    }
    let act = moves[event.key]
    if (!act && /^[a-z0-9]$/i.test(event.key)) { // the next field whose name begins so
      const turned = [...shown.slice(place + 1), ...shown.slice(0, place)]
      act = () => select(turned.find(i => rows[i].label.toLowerCase().startsWith(event.key.toLowerCase())) ?? -1, true)
    }
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  })

  // The field that byte `offset` belongs to.
  const owner = offset => {
    let low = 0, high = rows.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (rows[middle].offset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  hex.addEventListener("keydown", event => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const row = rows[selected], last = row.offset + Math.max(row.own, 1) - 1
    const moves = {
      ArrowRight: () => select(selected + 1),
      ArrowLeft: () => select(selected - 1),
      ArrowDown: () => select(Math.max(owner(Math.max(row.offset + ROW, last + 1)), Math.min(selected + 1, rows.length - 1))),
      ArrowUp: () => select(Math.min(owner(Math.max(0, row.offset - ROW)), Math.max(selected - 1, 0))),
      Home: () => select(0),
      End: () => select(rows.length - 1),
      Enter: () => show(true),
    }
    const act = moves[event.key]
    if (!act) return
    event.preventDefault()
    event.stopPropagation()
    act()
  })

  const listeners = {
    "change:tree": later,
    "change:hex": later,
    "change:changes": later,
    "change:answers": later,
    "change:steps": later,
    "change:editable": later,
    "change:legend": later,
    "change:title": words,
    "change:sentence": words,
    "change:selected": () => { const i = model.get("selected"); if (i !== selected && rows[i]) { selected = i; show(); edit(content(i)) } },
  }
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener)
  load()
  return () => { for (const [name, listener] of Object.entries(listeners)) model.off(name, listener) }
}

export default { render }
