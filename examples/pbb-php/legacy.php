<?php
/**
 * Mengambil data dari aplikasi lama: satu-satunya berkas yang memuat alamat datanya. Ganti dengan kueri PDO ke basis data
 * Anda bila aplikasi lama tidak punya API.
 * Queries the legacy application: the only file that contains the place of the data. Replace it by a PDO query to your own
 * database if the legacy application has no API.
 */

declare(strict_types=1);

namespace Pbb;

use Gerbang\Refusal;

const FOUND = 200;
const NOT_FOUND = 101;

/**
 * The notices of one taxpayer, in the form of the legacy application.
 *
 * @return list<array<string, mixed>>
 */
function notices(string $url, string $key, string $nik, string $year): array
{
    $form = http_build_query(['kunci' => $key, 'nik' => $nik, 'tahun' => $year]);
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => 'Content-Type: application/x-www-form-urlencoded',
        'content' => $form,
        'timeout' => 4,
        'follow_location' => 0,
    ]]);
    $answer = @file_get_contents($url, false, $context, 0, 1_000_000);
    if ($answer === false) {
        throw new Refusal(503, 'system-away', 'The system does not answer', retryAfter: 5);
    }
    $said = json_decode($answer, associative: true, depth: 64);
    if (!is_array($said)) {
        throw new Refusal(502, 'system-malformed', "The system's answer is no JSON");
    }
    // The status is always 200: only the code in the body states the result.
    $code = $said['message_code'] ?? null;
    if ($code === NOT_FOUND) {
        return [];
    }
    if ($code !== FOUND || !is_array($said['data'] ?? null)) {
        throw new Refusal(503, 'system-refuses', 'The system refuses the adapter, or its answer is unknown');
    }
    return array_values(array_filter($said['data'], 'is_array'));
}
