/**
 * Imported before any module that loads React, which reads NODE_ENV when it is loaded: React's development build stores a
 * performance entry of every update for as long as the process lives (hundreds of MB in an hour), and is slower. A value
 * set by the user stays.
 */
process.env.NODE_ENV ??= 'production'
