// Node.js with fastify and undici: `node server.mjs CONFIGURATION PORT`. The records have the shape of `records.py`.

import { readFileSync } from "node:fs";
import Fastify from "fastify";
import { Agent, request } from "undici";

const systems = JSON.parse(readFileSync(process.argv[2], "utf8"));
const held = JSON.parse(readFileSync(systems.held, "utf8"));
const dispatcher = new Agent({ connections: 128 });
const windows1252 = new TextDecoder("windows-1252");
const form = "application/x-www-form-urlencoded";

const signed = { 0: "submitted", 1: "approved", 2: "refused", 3: "withdrawn", 4: "returned", 5: "revoked" };
const stages = { "belum diverifikasi": "submitted", diverifikasi: "accepted", proses: "in-progress", selesai: "done" };

async function ask(url, headers, body, decode) {
  const answer = await request(url, { method: "POST", headers, body, dispatcher });
  if (!decode) return answer.body.json();
  return JSON.parse(decode.decode(await answer.body.arrayBuffer()));
}

const askApplications = (nik) =>
  ask(
    systems.applications_url,
    { "content-type": form, "x-requested-with": "XMLHttpRequest", cookie: "ci_session=peer" },
    `nik=${nik}&start=0&length=50`,
    windows1252,
  );
const askComplaints = (nik) =>
  ask(
    systems.complaints_url,
    { "content-type": form, keytoken: systems.complaints_token },
    `page=1&nik=${nik}&perpage=10`,
  );
const askProposals = (nik) =>
  ask(
    systems.proposals_url,
    { "content-type": "application/json", authentication: `Bearer ${systems.proposals_token}` },
    `{"start": 0, "limit": 20, "nik": "${nik}"}`,
  );

function moment(written) {
  return !written || written.startsWith("0000") ? null : `${written.replace(" ", "T")}+08:00`;
}

function place(text, kelurahan, kecamatan, longitude, latitude) {
  const position = longitude && latitude ? { type: "Point", coordinates: [Number(longitude), Number(latitude)] } : null;
  return { text, region: { kelurahan, kecamatan }, position };
}

function person(name, nik) {
  return { name, identifiers: [{ scheme: "nik", value: `${"*".repeat(12)}${nik.trim().slice(12)}` }] };
}

function record(system, key, fields) {
  return {
    id: `${system}/${key}`,
    kind: fields.kind ? { code: fields.kind } : null,
    number: key,
    title: fields.title ?? null,
    text: fields.text.trim(),
    status: fields.status,
    submitted_at: moment(fields.at),
    updated_at: moment(fields.changed),
    location: fields.place,
    applicant: fields.person,
    history: [],
    documents: [],
    provenance: { system, fetched_at: new Date().toISOString() },
  };
}

function application(row) {
  let status = signed[row.status] ?? "unknown";
  if (status === "approved" && row.siap_ambil === "Y") {
    status = row.tanggal_ambil !== "0000-00-00" ? "collected" : "ready";
  }
  return record("e-kelurahan", `${row.tabel}/${row.id}`, {
    kind: row.jenis,
    text: row.keperluan,
    status,
    at: row.tanggal,
    place: place(null, row.kelurahan, row.kecamatan),
    person: person(row.nama, row.nik),
  });
}

function complaint(row) {
  return record("lapor", row.trackingid, {
    kind: row.topik,
    title: row.judul,
    text: row.isi,
    status: stages[row.tahap.toLowerCase()] ?? "unknown",
    at: row.tanggal,
    changed: row.perubahan,
    place: place(row.lokasi, row.kelurahan, row.kecamatan, row.lng, row.lat),
    person: person(`${row.pelapor.namadepan} ${row.pelapor.namabelakang}`, row.pelapor.nik),
  });
}

function proposal(row) {
  return record("sipd-rkpd", String(row.id_usulan), {
    title: row.giat_teks,
    text: row.masalah.split(/\s+/).join(" "),
    status: row.is_tolak ? "refused" : row.is_batal ? "withdrawn" : "under-review",
    at: row.tgl_usul,
    place: place(row.alamat_teks, row.id_kelurahan, row.id_kecamatan, row.detail_langpeta, row.detail_latpeta),
    person: person(row.pengusul.nama, row.pengusul.nik),
  });
}

function merged(...lists) {
  const items = lists.flat();
  const order = (one) => `${one.submitted_at ?? ""} ${one.id}`;
  items.sort((first, second) => (order(first) < order(second) ? 1 : -1));
  return { items, complete: true };
}

const app = Fastify();
app.get("/list", async () => ({ items: held.items, complete: held.complete }));
app.get("/one", async (asked) => merged((await askApplications(asked.headers["x-nik"])).data.map(application)));
app.get("/three", async (asked) => {
  const nik = asked.headers["x-nik"];
  const found = await Promise.all([askApplications(nik), askComplaints(nik), askProposals(nik)]);
  return merged(found[0].data.map(application), found[1].data.map(complaint), found[2].data.map(proposal));
});
await app.listen({ host: "127.0.0.1", port: Number(process.argv[3]) });
