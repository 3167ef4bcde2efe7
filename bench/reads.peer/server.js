// What an engineer would write with Fastify and pg for the reads that bench/reads compares: a record with its children by one
// statement with json_agg, prepared on each connection of the pool, and a schema by which Fastify compiles its serializer.
import Fastify from 'fastify'
import pg from 'pg'

const pool = new pg.Pool({ max: Number(process.env.POOL_SIZE), min: Number(process.env.POOL_SIZE) })
const app = Fastify()

const actor = (id) => `(select json_build_object('id', a.id, 'name', a.name, 'kind', a.kind) from actors a where a.id = ${id})`
const keys = (reference, id) => `coalesce((select json_agg(json_build_object('scheme', k.scheme, 'value', k.value) order by k.position, k.scheme, k.value)
  from external_keys k where k.${reference} = ${id}), '[]')`

const ACTOR = `select actor.id, actor.kind, actor.name,
  coalesce((select json_agg(json_build_object('name', n.name, 'kind', n.kind, 'lang', n.lang, 'from', n."from", 'until', n.until)
    order by n.position) from actor_names n where n.actor_id = actor.id), '[]') as names,
  coalesce((select json_agg(json_build_object('code', c.code, 'role', c.role, 'from', c."from", 'until', c.until)
    order by c.position) from actor_countries c where c.actor_id = actor.id), '[]') as countries,
  coalesce((select json_agg(json_build_object('scheme', i.scheme, 'value', i.value, 'country', i.country,
    'valid_from', i.valid_from, 'valid_until', i.valid_until)
    order by i.position) from actor_identifiers i where i.actor_id = actor.id), '[]') as identifiers,
  coalesce((select json_agg(json_build_object('full', d."full", 'street', d.street, 'city', d.city, 'region', d.region,
    'postal_code', d.postal_code, 'country', d.country, 'from', d."from", 'until', d.until)
    order by d.position) from actor_addresses d where d.actor_id = actor.id), '[]') as addresses,
  actor.description, actor.began_on, actor.ended_on, actor.properties, ${keys('actor_id', 'actor.id')} as external_keys,
  actor.version, actor.created_at, actor.updated_at
  from actors actor`

const SANCTION = `select sanction.id, ${actor('sanction.imposer_id')} as imposer, ${actor('sanction.target_id')} as target,
  coalesce((select json_agg(json_build_object('id', p.id, 'code', p.code, 'name', p.name) order by b.position)
    from sanction_programmes b join programmes p on p.id = b.programme_id where b.sanction_id = sanction.id), '[]') as programmes,
  coalesce((select json_agg(json_build_object('measure', m.measure, 'from', m."from", 'until', m.until) order by m.position)
    from sanction_measures m where m.sanction_id = sanction.id), '[]') as measures,
  coalesce((select json_agg(g.ground order by g.position) from sanction_grounds g where g.sanction_id = sanction.id), '[]') as grounds,
  coalesce((select json_agg(json_build_object('objective', o.objective, 'outcome', o.outcome) order by o.position)
    from sanction_objectives o where o.sanction_id = sanction.id), '[]') as objectives,
  sanction.reason, sanction.legal_basis, sanction.provisions, sanction.announced_on, sanction.imposed_on, sanction.effective_on,
  sanction.expires_on, sanction.lifted_on, sanction.lift_reason, sanction_status(sanction, current_date) as status,
  sanction_status_is_certain(sanction, current_date) as status_certain, sanction.claim_status,
  (select json_build_object('id', t.id, 'title', t.title) from diplomatic_actions t where t.id = sanction.action_id) as action,
  sanction.list_code, sanction.list_part, sanction.list_uid,
  coalesce((select json_agg(json_build_object('id', c.id,
    'source', json_build_object('id', s.id, 'title', s.title, 'publisher', s.publisher, 'published_on', s.published_on, 'url', s.url),
    'credibility', c.credibility, 'grade', s.reliability::text || c.credibility::text, 'stance', c.stance, 'locator', c.locator,
    'quote', c.quote, 'attributed_to', ${actor('c.attributed_to_id')}) order by c.position, c.id)
    from citations c join sources s on s.id = c.source_id where c.sanction_id = sanction.id), '[]') as citations,
  sanction.properties, ${keys('sanction_id', 'sanction.id')} as external_keys,
  sanction.version, sanction.created_at, sanction.updated_at
  from sanctions sanction`

const text = { type: 'string' }
const optional = { type: ['string', 'null'] }
const anything = {}
const list = { type: 'array', items: { type: 'object', additionalProperties: true } }
const object = { type: ['object', 'null'], additionalProperties: true }
const actorSchema = {
  type: 'object',
  properties: {
    id: text, kind: text, name: text, names: list, countries: list, identifiers: list, addresses: list, description: optional,
    began_on: optional, ended_on: optional, properties: object, external_keys: list, version: { type: 'integer' },
    created_at: text, updated_at: text
  }
}
const sanctionSchema = {
  type: 'object',
  properties: {
    id: text, imposer: object, target: object, programmes: list, measures: list, grounds: { type: 'array', items: text },
    objectives: list, reason: optional, legal_basis: optional, provisions: optional, announced_on: optional, imposed_on: optional,
    effective_on: optional, expires_on: optional, lifted_on: optional, lift_reason: optional, status: text,
    status_certain: { type: 'boolean' }, claim_status: text, action: object, list_code: optional, list_part: optional,
    list_uid: optional, citations: list, properties: object, external_keys: list, version: { type: 'integer' }, created_at: text,
    updated_at: text
  }
}
const page = { type: 'object', properties: { items: { type: 'array', items: sanctionSchema }, next_cursor: anything } }

app.get('/v1/actors/:id', { schema: { response: { 200: actorSchema } } }, async (request, reply) => {
  const found = await pool.query({ name: 'actor', text: `${ACTOR} where actor.id = $1`, values: [request.params.id] })
  return found.rows[0] ?? reply.code(404).send()
})

const pageOf = async (query, limit) => {
  const found = await pool.query(query)
  const items = found.rows.slice(0, limit)
  return { items, next_cursor: found.rows.length > limit ? items.at(-1).id : null }
}
app.get('/v1/sanctions', { schema: { response: { 200: page } } }, async (request) => {
  const limit = Number(request.query.limit ?? 50)
  return pageOf({ name: 'sanctions', text: `${SANCTION} order by sanction.id limit $1`, values: [limit + 1] }, limit)
})
app.get('/v1/actors/:id/sanctions', { schema: { response: { 200: page } } }, async (request) => {
  const limit = Number(request.query.limit ?? 50)
  return pageOf({
    name: 'sanctions-of-actor',
    text: `${SANCTION} where sanction.target_id = $1 or sanction.imposer_id = $1 order by sanction.id limit $2`,
    values: [request.params.id, limit + 1]
  }, limit)
})

console.log(`listening ${await app.listen({ host: '127.0.0.1', port: 0 })}`)
