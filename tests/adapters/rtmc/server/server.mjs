// A SOAP server by another hand (npm's `soap`), given the agency's WSDL: `node server.mjs <wsdl file>`.
// Prints its port. The partner is "city" with the password "right"; "faults-in-200" makes refusals come with status 200.
import { readFileSync } from "node:fs";
import http from "node:http";
import soap from "soap";

const incidents = Array.from({ length: 30 }, (_, at) => ({
  idKejadian: `20261123-${String(at + 1).padStart(3, "0")}`,
  status: "1",
  jenis: "BANJIR",
  judul: `Genangan <air> & pasang ${at + 1}`,
  lokasi: "Jl. Veteran – simpang",
  lat: "-3.3223",
  lng: "114.6069",
  waktu: "23/11/2026 08:50",
  tingkat: "2",
}));

function refuse(kode, statusCode) {
  throw { Fault: { faultcode: "soap:Client", faultstring: "No", detail: { kesalahan: { kode } }, statusCode } };
}

function checked(headers) {
  const { mitra, sandi } = headers?.Otentikasi ?? {};
  if (sandi === "wrong-in-200") refuse("401", 200);
  if (mitra !== "city" || sandi !== "right") refuse("401", 500);
}

const port = {
  CekLayanan(_asked, _reply, headers) {
    checked(headers);
    return { status: "OK", waktuServer: "23/11/2026 09:00" };
  },
  DaftarKejadian(asked, _reply, headers) {
    checked(headers);
    const rest = incidents.filter((one) => one.idKejadian > (asked.setelah ?? ""));
    const kejadian = rest.slice(0, Number(asked.jumlah));
    return { waktuData: "23/11/2026 09:00", adaLagi: rest.length > kejadian.length ? "Y" : "T", kejadian };
  },
  KondisiLalin(_asked, _reply, headers) {
    checked(headers);
    return { waktuData: "23/11/2026 09:00", ruas: [{ kodeRuas: "R1", namaRuas: "Jl. Veteran", kecepatan: "20,5" }] };
  },
};

const server = http.createServer((_request, response) => response.writeHead(404).end());
server.listen(0, "127.0.0.1", () => {
  soap.listen(server, "/rtmc/layanan", { LayananRTMC: { LayananRTMCSoap: port } }, readFileSync(process.argv[2], "utf8"));
  process.stdout.write(`${server.address().port}\n`);
});
process.stdin.resume().on("end", () => process.exit(0));
