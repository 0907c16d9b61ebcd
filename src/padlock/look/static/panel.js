// Draws a Panel: labelled native controls, a result, one sentence. Owns no logic; says what the reader did, shows what comes back.

const WAIT = 300 // ms after the last key before a text is sent
const PATIENCE = 4000 // ms before an unanswered message stops holding back the next one
const ROOM = 720 // px of room that is kept for a result at most

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

// One message at a time: while the kernel is busy, only the newest value of each control waits.
function courier(model) {
  let number = model.get("_answered") || 0
  let pending = {}, press = null, uploads = [], since = 0
  const waiting = () => (model.get("_answered") || 0) < number && (model.get("progress") || Date.now() - since < PATIENCE)
  const send = (message, buffers) => {
    number = Math.max(number, model.get("_answered") || 0) + 1
    since = Date.now()
    try { model.send({ ...message, number }, undefined, buffers) } catch { number -= 1 } // a page without a kernel
  }
  const flush = () => {
    if (waiting()) { setTimeout(flush, 100); return }
    if (uploads.length) { const [name, bytes] = uploads.shift(); send({ upload: name }, [bytes]) }
    else if (press || Object.keys(pending).length) {
      const message = { set: pending }
      if (press) message.press = press
      pending = {}; press = null
      send(message)
    } else return
    if (uploads.length || press) flush()
  }
  return {
    set(name, value) { pending[name] = value; flush() },
    press(name) { press = name; flush() },
    upload(name, bytes) { uploads = [...uploads.filter(([other]) => other !== name), [name, bytes]]; flush() },
    holds: name => name in pending || waiting(),
    hear: flush,
  }
}

const CONTROLS = {
  choice(spec, id, post) {
    const select = make("select", { id })
    let drawn = ""
    select.addEventListener("change", () => post.set(spec.name, select.value))
    return {
      inputs: [select], parts: [make("label", { for: id }, spec.label), select],
      update(spec, value) {
        const now = JSON.stringify(spec.options)
        if (now !== drawn) select.replaceChildren(...spec.options.map(([key, words]) => make("option", { value: key }, words)))
        drawn = now
        select.value = value
      },
    }
  },
  flag(spec, id, post) {
    const box = make("input", { id, type: "checkbox" })
    box.addEventListener("change", () => post.set(spec.name, box.checked))
    return { inputs: [box], parts: [box, make("label", { for: id }, spec.label)], update: (_, value) => { box.checked = !!value } }
  },
  text(spec, id, post) { return typed(spec, id, post, make("input", { id, type: "text" })) },
  "long-text"(spec, id, post) { return typed(spec, id, post, make("textarea", { id, rows: 6 })) },
  span(spec, id, post) {
    const range = make("input", { id, type: "range" }), shown = make("output", { for: id, "aria-hidden": "true" })
    const show = () => { shown.textContent = range.value }
    range.addEventListener("input", () => { show(); post.set(spec.name, Number(range.value)) })
    return {
      inputs: [range], parts: [make("label", { for: id }, spec.label), make("div", { class: "pl-slide" }, range, shown)],
      update(spec, value) {
        Object.assign(range, { min: spec.low, max: spec.high, step: spec.step })
        if (document.activeElement !== range || !post.holds(spec.name)) range.value = value
        show()
      },
    }
  },
  press(spec, id, post) {
    const button = make("button", { id, type: "button", class: spec.primary ? "pl-primary" : null }, spec.label)
    button.addEventListener("click", () => post.press(spec.name))
    return { inputs: [button], parts: [button], update(spec) { if (button.textContent !== spec.label) button.textContent = spec.label } }
  },
  upload(spec, id, post, complain) {
    const input = make("input", { id, type: "file", accept: spec.accept || null })
    input.addEventListener("change", async () => {
      const file = input.files[0]
      if (!file) return
      if (file.size > spec.largest) { input.value = ""; complain("✗ That file is larger than 8 MB; give a smaller one."); return }
      try { post.upload(spec.name, new DataView(await file.arrayBuffer())) } catch { complain("✗ That file can't be read.") }
    })
    return { inputs: [input], parts: [make("label", { for: id }, spec.label), input], update() {} }
  },
}

function typed(spec, id, post, input) {
  let timer = 0, sent = null
  Object.assign(input, { spellcheck: false, autocomplete: "off", autocapitalize: "off", maxLength: spec.longest })
  const send = () => { clearTimeout(timer); timer = 0; if (input.value !== sent) post.set(spec.name, (sent = input.value)) }
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, WAIT) })
  input.addEventListener("change", send)
  input.addEventListener("keydown", event => {
    if (event.key === "Enter" && !event.isComposing && (input.tagName === "INPUT" || event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      send()
    }
  })
  const parts = [make("label", { for: id }, spec.label), input]
  if (spec.hint) { // above the field, so that fields in a row stand on one line
    parts.splice(1, 0, make("span", { id: `${id}-hint`, class: "pl-under" }, spec.hint))
    input.setAttribute("aria-describedby", `${id}-hint`)
  }
  return {
    inputs: [input], parts, flush: () => { if (timer) send() },
    update(_, value) { // what is being typed is newer than what the kernel knows
      if (timer || post.holds(spec.name) || input.value === value) return
      input.value = sent = value
    },
  }
}

// Where the focus is inside the result, so that it can be found again after the result was replaced.
function place(root) {
  const focused = root.contains(document.activeElement) ? document.activeElement : null
  if (!focused || focused === root) return () => {}
  const steps = []
  for (let node = focused; node !== root; node = node.parentElement) steps.unshift([...node.parentElement.children].indexOf(node))
  return () => {
    const again = steps.reduce((node, step) => node?.children[step], root)
    if (again?.tagName === focused.tagName) again.focus({ preventScroll: true })
    else { root.tabIndex = -1; root.focus({ preventScroll: true }) }
  }
}

// Fields and their bytes carry the same data-link: who points at one sees the other. A field's line takes the focus, and
// its up and down keys go from field to field; so do left and right in the box of bytes.
function linked(root, signal) {
  const all = link => root.querySelectorAll(`[data-link="${CSS.escape(link)}"]`)
  const mark = (link, name) => {
    for (const old of root.querySelectorAll(`.${name}`)) old.classList.remove(name)
    if (link != null) for (const one of all(link)) one.classList.add(name)
  }
  const lines = () => [...root.querySelectorAll("tr[data-link]")]
  const choose = (link, focus) => {
    mark(link, "pl-linked")
    for (const line of lines()) {
      line.tabIndex = line.dataset.link === link ? 0 : -1
      line.setAttribute("aria-selected", String(line.dataset.link === link))
      if (focus && line.dataset.link === link) line.focus({ preventScroll: true })
    }
    for (const one of all(link)) reveal(one)
  }
  // Scrolls the box that it lies in, never the page.
  const reveal = one => {
    const box = one.closest("[data-scrolls]")
    if (!box) return
    const outer = box.getBoundingClientRect(), inner = one.getBoundingClientRect()
    if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top + 24
    else if (inner.bottom > outer.bottom) box.scrollTop += Math.min(inner.bottom - outer.bottom + 24, inner.top - outer.top)
  }
  const pointed = event => event.target.closest?.("[data-link]")?.dataset.link
  const on = (name, act) => root.addEventListener(name, act, { signal })
  on("mouseover", event => mark(pointed(event), "pl-over"))
  on("mouseleave", () => mark(null, "pl-over"))
  on("click", event => { const link = pointed(event); if (link != null) choose(link, event.target.closest("tr") != null) })
  on("keydown", event => {
    const inLines = event.target.matches("tr[data-link]"), inBytes = event.target.matches("[data-bytes]")
    const step = { ArrowDown: 1, ArrowUp: -1, ...(inBytes ? { ArrowRight: 1, ArrowLeft: -1 } : {}) }[event.key]
    const rows = lines()
    if (!(inLines || inBytes) || !rows.length || event.altKey || event.ctrlKey || event.metaKey) return
    const at = rows.findIndex(line => line.classList.contains("pl-linked"))
    const to = event.key === "Home" ? 0 : event.key === "End" ? rows.length - 1 : step && Math.max(0, Math.min(rows.length - 1, at + step))
    if (to == null) return
    event.preventDefault()
    choose(rows[to].dataset.link, inLines)
  })
}

function render({ model, el }) {
  const id = `padlock-${Math.random().toString(36).slice(2, 10)}`
  const alive = new AbortController()
  const post = courier(model)

  const controls = make("div", { class: "pl-controls" })
  const result = make("div", { class: "pl-result", role: "group", "aria-label": "Result" })
  const words = make("span", { role: "status" })
  const bar = make("progress", { max: 1 })
  const going = make("span", { class: "pl-going", hidden: true }, bar)
  const said = make("div", { class: "pl-said" }, going, words)
  const body = make("div", { class: "pl-body", "data-beside": model.get("_beside"), "data-stacked": model.get("_stacked") }, controls, make("div", { "data-aside": true }, result, said))
  const root = make("div", { class: "padlock pl-panel", role: "group", "aria-labelledby": `${id}-q` },
    make("div", { class: "pl-card" }, make("div", { class: "pl-question", id: `${id}-q` }, model.get("_question") || ""), body))
  el.replaceChildren(root)

  const say = (sentence, refused) => {
    if (words.textContent !== sentence) words.textContent = sentence
    said.toggleAttribute("data-refused", !!refused)
    said.toggleAttribute("data-empty", !sentence && !model.get("progress"))
  }

  // Controls are made once and changed in place: nothing that the reader holds on to disappears.
  const made = new Map()
  const drawControls = () => {
    const values = model.get("values") || {}
    for (const spec of model.get("_drawn") || []) {
      if (!CONTROLS[spec.kind]) continue
      if (!made.has(spec.name)) {
        const control = CONTROLS[spec.kind](spec, `${id}-${spec.name}`, post, sentence => say(sentence, true))
        control.field = make("div", { class: `pl-field pl-${spec.kind}` }, ...control.parts)
        controls.append(control.field)
        made.set(spec.name, control)
      }
      const control = made.get(spec.name)
      control.field.hidden = !!spec.hidden
      control.update(spec, values[spec.name])
    }
  }
  root.addEventListener("click", event => { // a button acts on what has been typed
    if (event.target.closest?.("button")) for (const control of made.values()) control.flush?.()
  }, { capture: true, signal: alive.signal })

  // Room is kept: a shorter result doesn't pull the page up.
  let kept = 0, width = 0
  const keepRoom = () => {
    kept = Math.min(ROOM, Math.max(kept, result.scrollHeight))
    result.style.minHeight = `${kept}px`
  }
  const watcher = new ResizeObserver(() => {
    if (Math.abs(result.clientWidth - width) < 2) return
    width = result.clientWidth
    kept = 0
    result.style.minHeight = ""
    keepRoom()
  })
  watcher.observe(result)

  linked(result, alive.signal)
  let drawn = null
  const drawResult = () => {
    const html = model.get("result") || ""
    if (html !== drawn) {
      const restore = place(result)
      const open = [...result.querySelectorAll("details")].map(details => details.open)
      result.innerHTML = drawn = html // escaped by the kernel
      result.querySelectorAll("details").forEach((details, index) => { if (open[index]) details.open = true })
      keepRoom()
      restore()
    }
    say(model.get("sentence") || "", model.get("refused"))
  }
  const drawProgress = () => {
    const progress = model.get("progress")
    going.hidden = !progress
    words.classList.toggle("pl-hidden", !!progress)
    root.setAttribute("aria-busy", progress ? "true" : "false")
    if (progress) {
      const [fraction, what] = progress
      if (fraction == null) bar.removeAttribute("value")
      else bar.value = fraction
      bar.setAttribute("aria-label", what)
      going.replaceChildren(bar, what)
    }
    say(words.textContent, model.get("refused"))
  }

  drawControls()
  drawResult()
  drawProgress()

  const listen = (names, callback) => {
    for (const name of names) model.on(`change:${name}`, callback)
    alive.signal.addEventListener("abort", () => { for (const name of names) model.off?.(`change:${name}`, callback) })
  }
  listen(["_drawn", "values"], drawControls)
  listen(["result", "sentence", "refused"], drawResult)
  listen(["progress"], drawProgress)
  // After an answer: send what has been waiting, then show what the kernel really has.
  listen(["_answered"], () => { post.hear(); drawControls(); drawResult() })

  // JupyterLab takes keys before anybody else, on the document. Inside a panel they are the reader's; only saving goes through.
  window.addEventListener("keydown", event => {
    if (!event.composedPath().includes(root)) return
    const save = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s"
    root.toggleAttribute("data-lm-suppress-shortcuts", !save)
  }, { capture: true, signal: alive.signal })
  root.addEventListener("keydown", event => { // VS Code and others listen further out
    if (event.target.matches?.("input, textarea, select") && !event.ctrlKey && !event.metaKey) event.stopPropagation()
  }, { signal: alive.signal })

  return () => { alive.abort(); watcher.disconnect() }
}

export default { render }
