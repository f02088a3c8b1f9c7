#!/usr/bin/env node
// A small mock model server for end-to-end tests of agent CLIs.
//
// Speaks just enough of four wire formats for a real agent CLI to complete a turn:
//   POST /v1/messages                                  Anthropic Messages   (SSE or JSON)
//   POST /v1/responses                                 OpenAI Responses     (SSE or JSON)
//   POST /v1/chat/completions                          OpenAI Chat          (SSE or JSON)
//   POST /v1beta/models/<m>:streamGenerateContent      Gemini               (SSE or JSON)
// It binds 127.0.0.1 only and exits by itself after --ttl seconds (default 600, most 3600).
//
// The scenario is chosen by the prompt: the last user text is searched for "mock:<scenario> [key=value …]".
//   mock:say                 one short answer (also the default when no marker is found)
//   mock:slow secs=8         an answer that streams for secs seconds
//   mock:think               an answer preceded by a reasoning/thinking block
//   mock:tool cmd=touch_x    one shell tool call ("_" in cmd becomes a space), then an answer after the tool result
//   mock:subagent sub=slow secs=8   one sub-agent/task tool call (where the CLI offers one) whose own prompt is mock:<sub>
//   mock:hang secs=60        accepts the request, sends nothing for secs seconds, then answers
//   mock:drop                starts a stream, then cuts the connection
//   mock:429                 a rate limit that the client is told not to retry
//   mock:429r n=2            a rate limit that clears after n refusals (retry hint: 2 s)
//   mock:quota               a usage/quota limit (subscription style) with a reset time
//   mock:500 / mock:529      server error / overloaded, not retryable where the protocol can say so
//   mock:500r n=2 / 529r n=2 the same, clearing after n refusals
//   mock:401                 invalid key
//   mock:ctx                 prompt too long
//   mock:big                 an answer that reports a nearly full context window in its usage
// Error scenarios apply only to the main agent request (one that offers tools), so that title and
// classifier side requests do not fail; side requests get a short canned answer.
//
// Control plane (loopback as well):
//   GET  /__mock/health       {"ok":true,…}
//   GET  /__mock/requests     the last 2000 requests (no header or key is recorded); `served` is the usage of an answer that
//                             was sent in full, `begun` what the first event of a cut stream said (Anthropic); absent for errors
//   POST /__mock/config       {"util5h":0.42,"util7d":0.61,…} overrides for the following answers; {"lookFor":"words"}: following
//                             requests tell by `found` whether these words stood anywhere in them
//   POST /__mock/stop         stop now

import http from 'node:http';
import { appendFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';

const opt = { port: 0, ttl: 600, log: '', tokenDelayMs: 15 };
for (let i = 2; i < process.argv.length; i++) {
  const a = process.argv[i];
  if (a === '--port') opt.port = Number(process.argv[++i]);
  else if (a === '--ttl') opt.ttl = Math.min(3600, Math.max(1, Number(process.argv[++i])));
  else if (a === '--log') opt.log = process.argv[++i];
  else if (a === '--token-delay-ms') opt.tokenDelayMs = Number(process.argv[++i]);
  else { console.error('usage: mock-model-server.mjs [--port N] [--ttl SECONDS] [--log FILE.jsonl] [--token-delay-ms N]'); process.exit(2); }
}

const cfg = {
  util5h: 0.42, util7d: 0.61,            // Anthropic unified utilisation (0..1); Codex gets the same × 100
  reset5hInS: 2 * 3600, reset7dInS: 3 * 86400,
  inputTokens: 1200, cacheRead: 800, cacheWrite: 300, outputTokens: 40, reasoningTokens: 12,
  planType: 'plus', codexLimitHeaders: true, anthropicLimitHeaders: true, lookFor: '',
};
const seen = [];
const counters = new Map();
const id = (p, n = 12) => p + randomBytes(n).toString('hex');
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const nowS = () => Math.floor(Date.now() / 1000);
const iso = (s) => new Date(s * 1000).toISOString();

// ---------- request understanding ----------
function textOf(c) {
  if (c == null) return '';
  if (typeof c === 'string') return c;
  if (Array.isArray(c)) return c.map(textOf).join('\n');
  if (c.type === 'tool_result' || c.functionResponse || c.type === 'function_call_output') return '';
  return c.text ?? (c.content ? textOf(c.content) : c.parts ? textOf(c.parts) : '');
}
const isToolResult = (m) =>
  m.role === 'tool' || m.type === 'function_call_output' || m.type === 'custom_tool_call_output' ||
  (Array.isArray(m.content) && m.content.some((b) => b.type === 'tool_result')) ||
  (Array.isArray(m.parts) && m.parts.some((p) => p.functionResponse));

function understand(api, body) {
  const msgs = api === 'gemini' ? body.contents ?? [] : api === 'responses' ? (typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input ?? []) : body.messages ?? [];
  // Walk back: tool results since the last real user text mean "the tool has run"; the marker counts only in that text,
  // so that a summarise/compact request at the end of a long conversation does not repeat an old error scenario.
  let toolDone = false, marker = null;
  for (let i = msgs.length - 1; i >= 0; i--) {
    const m = msgs[i];
    if (isToolResult(m)) { toolDone = true; if (!/mock:/.test(textOf(m.content ?? m.parts))) continue; }
    if (m.role !== 'user') continue;
    const c = m.content ?? m.parts, blocks = Array.isArray(c) ? c : [c];
    const strip = (b) => textOf(b).replace(/<(system-reminder|environment_context|session_context)>[\s\S]*?<\/\1>/g, '').trim();
    const text = blocks.map(strip).filter(Boolean).pop(); // failed prompts may be merged into one message: the last one counts
    if (!text) continue;
    marker = [...text.matchAll(/mock:([a-z0-9]+)((?:[ \t]+[a-z0-9]+=\S+)*)/g)].pop() ?? null;
    break;
  }
  const args = {};
  for (const kv of (marker?.[2] ?? '').trim().split(/\s+/).filter(Boolean)) { const [k, ...v] = kv.split('='); args[k] = v.join('='); }
  let tools = [];
  if (api === 'gemini') tools = (body.tools ?? []).flatMap((t) => t.functionDeclarations ?? []).map((t) => ({ name: t.name, schema: t.parametersJsonSchema ?? t.parameters }));
  else if (api === 'anthropic') tools = (body.tools ?? []).map((t) => ({ name: t.name, schema: t.input_schema }));
  else if (api === 'chat') tools = (body.tools ?? []).map((t) => ({ name: t.function?.name, schema: t.function?.parameters }));
  else tools = (body.tools ?? []).map((t) => ({ name: t.name ?? t.type, schema: t.parameters, type: t.type }));
  return { scenario: marker?.[1] ?? 'say', args, toolDone, tools, main: tools.length > 0, n: msgs.length };
}

const SHELL = ['Bash', 'bash', 'exec_command', 'shell_command', 'shell', 'run_shell_command', 'local_shell', 'container.exec'];
const AGENT = ['Agent', 'Task', 'task', 'spawn_agent', 'codebase_investigator', 'delegate_to_agent', 'generalist', 'invoke_agent'];
function fill(schema, known) {
  const out = {}, props = schema?.properties ?? {}, req = schema?.required ?? [];
  for (const [k, s] of Object.entries(props)) {
    if (k in known) { out[k] = s.type === 'array' && typeof known[k] === 'string' ? ['bash', '-lc', known[k]] : known[k]; continue; }
    if (!req.includes(k)) continue;
    const t = String(Array.isArray(s.type) ? s.type[0] : s.type ?? 'string').toLowerCase();
    out[k] = s.enum ? s.enum[0] : t === 'array' ? [] : t === 'boolean' ? false : t === 'number' || t === 'integer' ? 1 : t === 'object' ? {} : 'mock';
  }
  return Object.keys(props).length ? out : known;
}
function plan(u) {
  const cmd = (u.args.cmd ?? 'touch_mock-file.txt').replaceAll('_', ' ');
  if (u.main && !u.toolDone && (u.scenario === 'tool' || u.scenario === 'subagent')) {
    const t = (u.scenario === 'tool' ? SHELL : AGENT).map((n) => u.tools.find((x) => x.name === n)).find(Boolean);
    if (t) {
      const sub = `Answer with one word. mock:${u.args.sub ?? 'say'} secs=${u.args.secs ?? 8}`;
      const known = u.scenario === 'tool'
        ? { command: cmd, cmd, description: 'Mock shell command' }
        : { description: 'Mock sub-task', prompt: sub, message: sub, task: sub, objective: sub, request: sub, subagent_type: u.args.type ?? 'general-purpose', agent_name: u.args.type ?? 'codebase_investigator', task_name: 'mock_task' };
      if (u.scenario === 'tool' && u.args.escalate) { known.sandbox_permissions = 'require_escalated'; known.with_escalated_permissions = true; known.justification = 'Mock justification'; }
      if (u.args.bg) known.run_in_background = u.args.bg === '1';
      return { kind: 'tool', name: t.name, args: fill(t.schema, known), say: 'I will run one tool.' };
    }
  }
  const say = u.toolDone ? 'Mock final answer after the tool result.' : u.main ? 'Mock answer: all done.' : 'Mock title';
  return { kind: 'text', say, slow: u.main && u.scenario === 'slow' ? Number(u.args.secs ?? 8) : 0, think: u.scenario === 'think' };
}
function usage(u) {
  const big = u.scenario === 'big';
  return { in: big ? 170000 : cfg.inputTokens, cr: cfg.cacheRead, cw: cfg.cacheWrite, out: cfg.outputTokens, rs: cfg.reasoningTokens };
}

// ---------- answers ----------
function anthropicHeaders(status = 'allowed') {
  const h = { 'request-id': id('req_mock') };
  if (!cfg.anthropicLimitHeaders) return h;
  const r5 = String(nowS() + cfg.reset5hInS), r7 = String(nowS() + cfg.reset7dInS);
  return {
    ...h,
    'anthropic-ratelimit-unified-status': status, 'anthropic-ratelimit-unified-reset': r5,
    'anthropic-ratelimit-unified-representative-claim': 'five_hour', 'anthropic-ratelimit-unified-fallback-percentage': '0.5',
    'anthropic-ratelimit-unified-5h-status': status, 'anthropic-ratelimit-unified-5h-reset': r5,
    'anthropic-ratelimit-unified-5h-utilization': String(status === 'rejected' ? 1 : cfg.util5h),
    'anthropic-ratelimit-unified-7d-status': 'allowed', 'anthropic-ratelimit-unified-7d-reset': r7,
    'anthropic-ratelimit-unified-7d-utilization': String(cfg.util7d),
    'anthropic-ratelimit-unified-overage-status': 'rejected', 'anthropic-ratelimit-unified-overage-disabled-reason': 'org_level_disabled',
  };
}
function codexHeaders(full = false) {
  if (!cfg.codexLimitHeaders) return {};
  return {
    'x-codex-primary-used-percent': String(full ? 100 : cfg.util5h * 100), 'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': String(nowS() + cfg.reset5hInS),
    'x-codex-secondary-used-percent': String(cfg.util7d * 100), 'x-codex-secondary-window-minutes': '10080',
    'x-codex-secondary-reset-at': String(nowS() + cfg.reset7dInS),
    'x-codex-credits-has-credits': 'false', 'x-codex-credits-unlimited': 'false', 'x-codex-plan-type': cfg.planType,
  };
}
function errorFor(api, s, u) {
  const m = /^(429|500|529)r$/.exec(s);
  if (m) {
    const key = api + s + JSON.stringify(u.args), c = (counters.get(key) ?? 0) + 1;
    counters.set(key, c);
    if (c > Number(u.args.n ?? 2)) { counters.delete(key); return null; }
    return makeError(api, Number(m[1]), true);
  }
  if (s === '429' || s === '500' || s === '529' || s === '401') return makeError(api, Number(s), false);
  if (s === 'quota') return makeError(api, 429, false, true);
  if (s === 'ctx') return makeError(api, 400, false);
  return null;
}
function makeError(api, code, retry, quota = false) {
  const resets = nowS() + cfg.reset5hInS;
  if (api === 'anthropic') {
    const type = { 400: 'invalid_request_error', 401: 'authentication_error', 429: 'rate_limit_error', 500: 'api_error', 529: 'overloaded_error' }[code];
    const message = { 400: 'prompt is too long: 250000 tokens > 200000 maximum', 401: 'invalid x-api-key', 429: quota ? 'Usage limit reached' : "This request would exceed your organization's rate limit", 500: 'Internal server error', 529: 'Overloaded' }[code];
    return {
      code, headers: { ...(code === 429 ? anthropicHeaders(quota ? 'rejected' : 'allowed') : { 'request-id': id('req_mock') }), 'x-should-retry': retry ? 'true' : 'false', ...(retry ? { 'retry-after': '2' } : code === 429 ? { 'retry-after': String(cfg.reset5hInS) } : {}) },
      body: { type: 'error', error: { type, message }, request_id: id('req_mock') },
    };
  }
  if (api === 'gemini') {
    const status = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 529: 'UNAVAILABLE' }[code];
    const c = code === 529 ? 503 : code;
    const message = { 400: 'The input token count exceeds the maximum number of tokens allowed 1048576.', 401: 'API key not valid.', 429: quota ? 'You exceeded your current quota, please check your plan and billing details.' : 'Resource has been exhausted (e.g. check quota).', 500: 'An internal error has occurred.', 503: 'The model is overloaded. Please try again later.' }[c];
    const details = c === 429 ? [
      { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests', quotaId: quota ? 'GenerateRequestsPerDayPerProjectPerModel-FreeTier' : 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaDimensions: { location: 'global', model: 'mock' }, quotaValue: '50' }] },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: retry ? '2s' : '3600s' },
    ] : [];
    return { code: c, headers: {}, body: { error: { code: c, message, status, details } } };
  }
  const c = code === 529 ? 503 : code;
  const type = quota ? 'usage_limit_reached' : { 400: 'invalid_request_error', 401: 'invalid_request_error', 429: 'rate_limit_exceeded', 500: 'server_error', 503: 'server_overloaded' }[c];
  const message = { 400: 'Your input exceeds the context window of this model.', 401: 'Incorrect API key provided.', 429: quota ? 'The usage limit has been reached' : 'Rate limit reached. Please try again in 2s.', 500: 'The server had an error while processing your request.', 503: 'The server is overloaded. Please try again later.' }[c];
  const error = { type, code: c === 400 ? 'context_length_exceeded' : type, message, param: null };
  if (quota) Object.assign(error, { plan_type: cfg.planType, resets_at: resets, resets_in_seconds: cfg.reset5hInS });
  return { code: c, headers: { ...(api === 'responses' ? codexHeaders(quota) : {}), 'x-request-id': id('req_mock'), ...(retry ? { 'retry-after': '2' } : {}) }, body: { error } };
}

function sse(res, headers) {
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
  return { ev: (type, data) => res.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`), data: (d) => res.write(`data: ${typeof d === 'string' ? d : JSON.stringify(d)}\n\n`) };
}
function* pieces(p) {
  if (p.slow) { const n = Math.max(1, Math.round(p.slow * 2)); for (let i = 0; i < n; i++) yield [`Step ${i + 1} of ${n}. `, 500]; return; }
  for (const w of p.say.split(/(?<= )/)) yield [w, opt.tokenDelayMs];
}

async function anthropic(req, res, body, u, drop) {
  const p = plan(u), us = usage(u), mid = id('msg_mock'), model = body.model;
  const base = { input_tokens: us.in, cache_creation_input_tokens: us.cw, cache_read_input_tokens: us.cr, cache_creation: { ephemeral_5m_input_tokens: us.cw, ephemeral_1h_input_tokens: 0 }, service_tier: 'standard' };
  const wantsJson = body.output_config?.format?.type === 'json_schema' || body.output_format?.type === 'json_schema';
  if (!u.main && wantsJson) p.say = JSON.stringify(fill((body.output_config?.format ?? body.output_format).schema, { title: 'Mock title' }));
  const content = p.kind === 'tool' ? [{ type: 'text', text: p.say }, { type: 'tool_use', id: id('toolu_mock'), name: p.name, input: p.args }] : [...(p.think ? [{ type: 'thinking', thinking: 'Mock thinking about it.', signature: 'bW9jaw==' }] : []), { type: 'text', text: p.say }];
  const stop = p.kind === 'tool' ? 'tool_use' : 'end_turn';
  if (!body.stream) return json(res, 200, { id: mid, type: 'message', role: 'assistant', model, content, stop_reason: stop, stop_sequence: null, usage: { ...base, output_tokens: us.out } }, anthropicHeaders());
  const s = sse(res, anthropicHeaders());
  s.ev('message_start', { type: 'message_start', message: { id: mid, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: { ...base, output_tokens: 1 } } });
  let i = 0;
  for (const b of content) {
    if (b.type === 'tool_use') {
      s.ev('content_block_start', { type: 'content_block_start', index: i, content_block: { ...b, input: {} } });
      s.ev('content_block_delta', { type: 'content_block_delta', index: i, delta: { type: 'input_json_delta', partial_json: JSON.stringify(b.input) } });
    } else if (b.type === 'thinking') {
      s.ev('content_block_start', { type: 'content_block_start', index: i, content_block: { type: 'thinking', thinking: '', signature: '' } });
      for (const w of b.thinking.split(/(?<= )/)) { s.ev('content_block_delta', { type: 'content_block_delta', index: i, delta: { type: 'thinking_delta', thinking: w } }); await sleep(opt.tokenDelayMs); }
      s.ev('content_block_delta', { type: 'content_block_delta', index: i, delta: { type: 'signature_delta', signature: b.signature } });
    } else {
      s.ev('content_block_start', { type: 'content_block_start', index: i, content_block: { type: 'text', text: '' } });
      for (const [w, d] of pieces({ ...p, say: b.text })) { s.ev('content_block_delta', { type: 'content_block_delta', index: i, delta: { type: 'text_delta', text: w } }); if (drop) { res.destroy(); return; } await sleep(d); }
    }
    s.ev('content_block_stop', { type: 'content_block_stop', index: i++ });
  }
  s.ev('message_delta', { type: 'message_delta', delta: { stop_reason: stop, stop_sequence: null }, usage: { ...base, output_tokens: us.out } });
  s.ev('message_stop', { type: 'message_stop' });
  res.end();
}

async function responses(req, res, body, u, drop) {
  const p = plan(u), us = usage(u), rid = id('resp_mock');
  const us2 = { input_tokens: us.in + us.cr, input_tokens_details: { cached_tokens: us.cr }, output_tokens: us.out, output_tokens_details: { reasoning_tokens: us.rs }, total_tokens: us.in + us.cr + us.out };
  const rs = { id: rid, object: 'response', created_at: nowS(), status: 'in_progress', model: body.model, output: [], usage: null };
  const items = [];
  if (p.think) items.push({ type: 'reasoning', id: id('rs_mock'), summary: [{ type: 'summary_text', text: '**Mock reasoning** about it.' }], encrypted_content: null });
  if (p.kind === 'tool') items.push({ type: 'function_call', id: id('fc_mock'), call_id: id('call_mock'), name: p.name, arguments: JSON.stringify(p.args), status: 'completed' });
  else items.push({ type: 'message', id: id('msg_mock'), role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: p.say, annotations: [] }] });
  if (!body.stream) return json(res, 200, { ...rs, status: 'completed', output: items, usage: us2 }, codexHeaders());
  const s = sse(res, { ...codexHeaders(), 'x-request-id': id('req_mock') });
  let seq = 0;
  const ev = (type, d) => s.ev(type, { type, sequence_number: seq++, ...d });
  ev('response.created', { response: rs });
  for (let k = 0; k < items.length; k++) {
    const it = items[k];
    if (it.type === 'message') {
      ev('response.output_item.added', { output_index: k, item: { ...it, status: 'in_progress', content: [] } });
      ev('response.content_part.added', { item_id: it.id, output_index: k, content_index: 0, part: { type: 'output_text', text: '', annotations: [] } });
      let full = '';
      for (const [w, d] of pieces(p)) { full += w; ev('response.output_text.delta', { item_id: it.id, output_index: k, content_index: 0, delta: w }); if (drop) { res.destroy(); return; } await sleep(d); }
      it.content[0].text = full;
      ev('response.output_text.done', { item_id: it.id, output_index: k, content_index: 0, text: full });
    } else {
      ev('response.output_item.added', { output_index: k, item: it });
      if (it.type === 'reasoning') ev('response.reasoning_summary_text.delta', { item_id: it.id, output_index: k, summary_index: 0, delta: it.summary[0].text });
    }
    ev('response.output_item.done', { output_index: k, item: it });
  }
  ev('response.completed', { response: { ...rs, status: 'completed', output: items, usage: us2 } });
  res.end();
}

async function chat(req, res, body, u, drop) {
  const p = plan(u), us = usage(u), cid = id('chatcmpl_mock');
  const us2 = { prompt_tokens: us.in + us.cr, completion_tokens: us.out, total_tokens: us.in + us.cr + us.out, prompt_tokens_details: { cached_tokens: us.cr }, completion_tokens_details: { reasoning_tokens: us.rs } };
  const calls = p.kind === 'tool' ? [{ index: 0, id: id('call_mock'), type: 'function', function: { name: p.name, arguments: JSON.stringify(p.args) } }] : undefined;
  const fin = p.kind === 'tool' ? 'tool_calls' : 'stop';
  if (!body.stream) return json(res, 200, { id: cid, object: 'chat.completion', created: nowS(), model: body.model, choices: [{ index: 0, message: { role: 'assistant', content: p.say, tool_calls: calls }, finish_reason: fin }], usage: us2 });
  const s = sse(res, {});
  const ck = (delta, finish_reason = null, extra = {}) => s.data({ id: cid, object: 'chat.completion.chunk', created: nowS(), model: body.model, choices: [{ index: 0, delta, finish_reason }], ...extra });
  ck({ role: 'assistant', content: '' });
  if (p.think) ck({ reasoning_content: 'Mock thinking about it.' });
  for (const [w, d] of pieces(p)) { ck({ content: w }); if (drop) { res.destroy(); return; } await sleep(d); }
  if (calls) ck({ tool_calls: calls });
  ck({}, fin);
  s.data({ id: cid, object: 'chat.completion.chunk', created: nowS(), model: body.model, choices: [], usage: us2 });
  s.data('[DONE]');
  res.end();
}

async function gemini(req, res, body, u, drop, model, stream) {
  const p = plan(u), us = usage(u);
  const meta = { promptTokenCount: us.in + us.cr, candidatesTokenCount: us.out, totalTokenCount: us.in + us.cr + us.out + us.rs, cachedContentTokenCount: us.cr, thoughtsTokenCount: us.rs, promptTokensDetails: [{ modality: 'TEXT', tokenCount: us.in + us.cr }] };
  const schema = body.generationConfig?.responseJsonSchema ?? body.generationConfig?.responseSchema;
  if (schema) p.say = JSON.stringify(fill(schema, { reasoning: 'mock', model_choice: 'flash', next_speaker: 'user' }));
  const call = p.kind === 'tool' ? { functionCall: { id: id('call_mock', 6), name: p.name, args: p.args }, thoughtSignature: 'bW9jaw==' } : null;
  const out = (parts, finishReason) => ({ candidates: [{ content: { parts, role: 'model' }, ...(finishReason ? { finishReason } : {}), index: 0 }], usageMetadata: meta, modelVersion: model, responseId: rid });
  const rid = id('resp_mock', 8);
  const think = p.think ? [{ text: '**Mock thought**\nThinking about it.', thought: true }] : [];
  if (!stream) return json(res, 200, out([...think, { text: p.say }, ...(call ? [call] : [])], 'STOP'));
  const s = sse(res, {});
  if (think.length) s.data(out(think));
  for (const [w, d] of pieces(p)) { s.data(out([{ text: w }])); if (drop) { res.destroy(); return; } await sleep(d); }
  s.data(out(call ? [call] : [{ text: '' }], 'STOP'));
  res.end();
}

function json(res, code, obj, headers = {}) { res.writeHead(code, { 'content-type': 'application/json', ...headers }); res.end(JSON.stringify(obj)); }
function read(req) { return new Promise((ok) => { const b = []; req.on('data', (c) => b.push(c)); req.on('end', () => ok(Buffer.concat(b).toString('utf8'))); req.on('error', () => ok('')); }); }

const server = http.createServer(async (req, res) => {
  try {
    const url = new URL(req.url, 'http://127.0.0.1'), path = url.pathname;
    const raw = await read(req);
    if (path === '/__mock/health') return json(res, 200, { ok: true, pid: process.pid, requests: seen.length });
    if (path === '/__mock/requests') return json(res, 200, seen);
    if (path === '/__mock/config') { Object.assign(cfg, JSON.parse(raw || '{}')); return json(res, 200, cfg); }
    if (path === '/__mock/stop') { json(res, 200, { stopping: true }); return stop(); }
    let body = {}; try { body = raw ? JSON.parse(raw) : {}; } catch { /* not JSON */ }
    const g = /\/models\/([^:/]+):(streamGenerateContent|generateContent|countTokens)$/.exec(path);
    const api = /\/messages$/.test(path) ? 'anthropic' : /\/responses$/.test(path) ? 'responses' : /\/chat\/completions$/.test(path) ? 'chat' : g ? 'gemini' : null;
    const u = api && req.method === 'POST' ? understand(api, body) : null;
    const rec = { t: new Date().toISOString(), method: req.method, path, model: body.model ?? g?.[1], stream: body.stream ?? (g ? g[2] === 'streamGenerateContent' : undefined), ...(u ? { scenario: u.scenario, args: u.args, main: u.main, toolDone: u.toolDone, messages: u.n, tools: u.tools.map((t) => t.name), ...(cfg.lookFor ? { found: raw.includes(cfg.lookFor) } : {}) } : {}) };
    seen.push(rec); if (seen.length > 2000) seen.shift();
    if (u) res.on('close', () => { rec.status = res.statusCode; if (res.writableFinished && res.statusCode === 200) rec.served = usage(u); else if (api === 'anthropic' && res.headersSent && res.statusCode === 200) rec.begun = { ...usage(u), out: 1 }; });
    if (opt.log) appendFileSync(opt.log, JSON.stringify(rec) + '\n');
    if (/\/count_tokens$/.test(path)) return json(res, 200, { input_tokens: 1234 });
    if (g?.[2] === 'countTokens') return json(res, 200, { totalTokens: 1234 });
    if (/\/models$/.test(path)) return json(res, 200, { object: 'list', data: [], models: [] });
    if (!u) return json(res, req.method === 'HEAD' ? 200 : 404, { error: { message: 'mock: not served', type: 'not_found_error' } });
    if (u.main && !u.toolDone) {
      const e = errorFor(api, u.scenario, u);
      if (e) return json(res, e.code, e.body, e.headers);
      if (u.scenario === 'hang') await sleep(1000 * Number(u.args.secs ?? 60));
    }
    const drop = u.main && u.scenario === 'drop';
    if (api === 'anthropic') await anthropic(req, res, body, u, drop);
    else if (api === 'responses') await responses(req, res, body, u, drop);
    else if (api === 'chat') await chat(req, res, body, u, drop);
    else await gemini(req, res, body, u, drop, g[1], g[2] === 'streamGenerateContent');
  } catch (e) { try { json(res, 500, { error: { message: 'mock failure: ' + e.message } }); } catch { res.destroy(); } }
});
function stop() { server.close(); server.closeAllConnections?.(); setTimeout(() => process.exit(0), 50).unref(); }
server.listen(opt.port, '127.0.0.1', () => console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}`, port: server.address().port, pid: process.pid, ttl_s: opt.ttl, stops_at: iso(nowS() + opt.ttl) })));
setTimeout(stop, opt.ttl * 1000);
for (const sig of ['SIGTERM', 'SIGINT']) process.on(sig, stop);
