-- Records of the three systems, in the shape of `records.py`, in nginx with Lua; an empty list becomes `{}` here.

local cjson = require "cjson.safe"
local capture = ngx.location.capture_multi
local null, array = cjson.null, {}
local signed = {["0"] = "submitted", ["1"] = "approved", ["2"] = "refused", ["3"] = "withdrawn", ["4"] = "returned",
  ["5"] = "revoked"}
local stages = {["belum diverifikasi"] = "submitted", diverifikasi = "accepted", proses = "in-progress",
  selesai = "done"}
local stars = string.rep("*", 12)

local latin = {}
for code = 128, 255 do
  latin[string.char(code)] = string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
end

local M = {}

local function moment(written)
  if not written or written == "" or string.sub(written, 1, 4) == "0000" then
    return null
  end
  return string.sub(written, 1, 10) .. "T" .. string.sub(written, 12) .. "+08:00"
end

local function place(text, kelurahan, kecamatan, longitude, latitude)
  local position = null
  if longitude and latitude then
    position = {type = "Point", coordinates = {tonumber(longitude), tonumber(latitude)}}
  end
  return {text = text or null, region = {kelurahan = kelurahan, kecamatan = kecamatan}, position = position}
end

local function person(name, nik)
  local digits = string.match(nik, "^%s*(.-)%s*$")
  return {name = name, identifiers = {{scheme = "nik", value = stars .. string.sub(digits, 13)}}}
end

local function record(system, key, fields)
  return {
    id = system .. "/" .. key,
    kind = fields.kind and {code = fields.kind} or null,
    number = key,
    title = fields.title or null,
    text = string.match(fields.text, "^%s*(.-)%s*$"),
    status = fields.status,
    submitted_at = moment(fields.at),
    updated_at = moment(fields.changed),
    location = fields.place,
    applicant = fields.person,
    history = array,
    documents = array,
    provenance = {system = system, fetched_at = ngx.utctime()},
  }
end

local function application(row)
  local status = signed[row.status] or "unknown"
  if status == "approved" and row.siap_ambil == "Y" then
    status = row.tanggal_ambil ~= "0000-00-00" and "collected" or "ready"
  end
  return record("e-kelurahan", row.tabel .. "/" .. row.id, {kind = row.jenis, text = row.keperluan, status = status,
    at = row.tanggal, place = place(nil, row.kelurahan, row.kecamatan), person = person(row.nama, row.nik)})
end

local function complaint(row)
  local reporter = row.pelapor
  return record("lapor", row.trackingid, {kind = row.topik, title = row.judul, text = row.isi,
    status = stages[string.lower(row.tahap)] or "unknown", at = row.tanggal, changed = row.perubahan,
    place = place(row.lokasi, row.kelurahan, row.kecamatan, row.lng, row.lat),
    person = person(reporter.namadepan .. " " .. reporter.namabelakang, reporter.nik)})
end

local function proposal(row)
  local status = row.is_tolak ~= 0 and "refused" or row.is_batal ~= 0 and "withdrawn" or "under-review"
  return record("sipd-rkpd", tostring(row.id_usulan), {title = row.giat_teks,
    text = string.gsub(row.masalah, "%s+", " "), status = status, at = row.tgl_usul,
    place = place(row.alamat_teks, row.id_kelurahan, row.id_kecamatan, row.detail_langpeta, row.detail_latpeta),
    person = person(row.pengusul.nama, row.pengusul.nik)})
end

local normalise = {["/up/applications"] = application, ["/up/complaints"] = complaint, ["/up/proposals"] = proposal}

function M.answer(...)
  local names, asked = {...}, {}
  for i, name in ipairs(names) do
    asked[i] = {name}
  end
  local answers, items = {capture(asked)}, {}
  for i, answer in ipairs(answers) do
    local body = answer.body
    if names[i] == "/up/applications" then
      body = string.gsub(body, "[\128-\255]", latin)
    end
    local found = cjson.decode(body)
    if answer.status ~= 200 or not found then
      return ngx.exit(502)
    end
    for _, row in ipairs(found.data) do
      items[#items + 1] = normalise[names[i]](row)
    end
  end
  table.sort(items, function(first, second)
    local one, other = first.submitted_at, second.submitted_at
    if one == other then
      return first.id > second.id
    end
    return (one == null and "" or one) > (other == null and "" or other)
  end)
  ngx.header.content_type = "application/json"
  ngx.print(cjson.encode({items = items, complete = true}))
end

return M
