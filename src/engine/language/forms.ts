/** The forms that the control `form` offers. */
export const FORMS = ['free', 'variations', 'ABA', 'rondo'] as const
export type FormName = (typeof FORMS)[number]
