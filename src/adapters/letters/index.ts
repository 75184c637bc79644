export { checkHtml, HTML_CHECKS } from './check-html.ts'
export { checkPdf, PDF_CHECKS } from './check-pdf.ts'
export { htmlOf } from './html.ts'
export { pdfOf } from './pdf.ts'
