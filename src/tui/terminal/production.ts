/**
 * Imported before anything that loads React, which looks at it then: its development build keeps a performance entry
 * of every update for as long as the process lives (hundreds of MB in an hour), and is slower. What the user has
 * set stays.
 */
process.env.NODE_ENV ??= 'production'
