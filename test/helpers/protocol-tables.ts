import { z } from 'zod'
import { ACTION, ACTIONS, CLIENT_MESSAGES } from '../../src/server/client-messages.js'
import { SERVER_MESSAGES } from '../../src/server/server-messages.js'
import { markdownTable } from './markdown-table.js'

/** The part of JSON Schema that the schemas of the messages use. */
interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/** Enumerations longer than this are not written out: the names of controls. */
const MOST_OPTIONS = 10

/** The messages of both directions as markdown, from their schemas: a table of fields for each message and object. */
export function protocolTables(): string {
  const named = new Map<string, JsonSchema>()
  const schemaOf = (schema: z.ZodType): JsonSchema => {
    const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema
    for (const [name, definition] of Object.entries(json.$defs ?? {})) named.set(name, definition)
    return json
  }
  const actions = Object.entries(ACTIONS).map(([type, does]) => [`\`${type}\``, does])
  const fromClient = CLIENT_MESSAGES.map((message) => messageSection(schemaOf(message)))
  const fromServer = SERVER_MESSAGES.map((message) => messageSection(schemaOf(message)))
  return [
    '## From a client',
    'Messages that are only a `type`, and perhaps an `id`:',
    markdownTable(['type', 'does'], actions),
    markdownTable(['field', 'value', 'meaning'], fieldRows(schemaOf(ACTION))),
    ...fromClient,
    '## From the server',
    'Times are the server’s own, in ms with a fraction; `ping` tells how they compare with yours.',
    ...fromServer,
    '## Objects within messages',
    ...[...named]
      .toSorted(([a], [b]) => a.localeCompare(b))
      .flatMap(([name, schema]) => [`### ${name}`, ...objectTables(schema)]),
  ].join('\n\n')
}

function messageSection(schema: JsonSchema): string {
  const heading = `### ${schema.properties?.type?.const}`
  const described = schema.description ?? ''
  return [heading, described, ...objectTables(schema)].join('\n\n')
}

/** The table of an object, or one table for each kind of object where there are several. */
function objectTables(schema: JsonSchema): string[] {
  return (schema.anyOf ?? [schema]).map((one) => markdownTable(['field', 'value', 'meaning'], fieldRows(one)))
}

function fieldRows({ properties = {}, required = [] }: JsonSchema): string[][] {
  return Object.entries(properties).map(([name, field]) => [
    `\`${name}\`${required.includes(name) ? '' : ' (optional)'}`,
    valueText(field),
    field.description ?? '',
  ])
}

/** The values that a schema allows, in a few words. */
function valueText(schema: JsonSchema): string {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  if (reference !== undefined) {
    const name = reference.slice('#/$defs/'.length)
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) {
    return schema.enum.length > MOST_OPTIONS
      ? 'name of a control'
      : schema.enum.map((option) => `\`${JSON.stringify(option)}\``).join(', ')
  }
  if (schema.anyOf) return schema.anyOf.map(valueText).join(' or ')
  if (schema.type === 'array') return `list of ${valueText(schema.items ?? {})}`
  const { minimum, maximum, type = 'any' } = schema
  const isBounded = minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  const text = [type].flat().join(' or ')
  return isBounded ? `${text} ${minimum} to ${maximum}` : text
}
