import { html, type Html } from '../html.ts'

export type Tone = 'info' | 'success' | 'warning' | 'error'

const ICON_NAME: Record<Tone, string> = {
  info: 'Information',
  success: 'Succes',
  warning: 'Advarsel',
  error: 'Fejl',
}

/** The design system's message box. `icons` is the address of its sheet of icons. */
export function alert(icons: string, tone: Tone, heading: string, body?: string | Html): Html {
  return html`<div class="alert alert-${tone}">
<svg class="icon-svg alert-icon" role="img" aria-label="${ICON_NAME[tone]}"><use href="${icons}#${tone}"></use></svg>
<div class="alert-body"><p class="alert-heading">${heading}</p>
${body !== undefined && html`<div class="alert-text">${body}</div>`}</div></div>`
}

export function badge(tone: Tone, word: string): Html {
  return html`<strong class="badge badge-${tone}">${word}</strong>`
}
