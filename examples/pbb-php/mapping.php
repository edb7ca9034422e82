<?php
/**
 * Dari baris SPPT aplikasi lama ke tagihan kanonis: berkas inilah yang Anda tulis untuk sistem Anda.
 * From the legacy application's notices to canonical bills: this is the file that you write for your system.
 */

declare(strict_types=1);

namespace Pbb;

use Gerbang\Refusal;

const PAGE = 10;

// The description of this adapter. It must match the operator's grant in config/systems/pbb.toml.
const DESCRIPTION = [
    'protocol' => '1',
    'id' => 'pbb',
    'agency' => 'bpkpad',
    'title' => [
        'id' => 'PBB-P2: tagihan Pajak Bumi dan Bangunan',
        'en' => 'PBB-P2: bills of land and building tax',
    ],
    'version' => '1.0.0',
    'contact' => 'Badan Pengelolaan Keuangan, Pendapatan dan Aset Daerah Kota Banjarmasin',
    'assumed' => true,
    'limits' => ['concurrent' => 4, 'slowest_seconds' => 5, 'per_minute' => 600, 'max_items' => 200],
    'needs' => ['nik'],
    'reads' => [['resource' => 'bill', 'way' => 'ask', 'pushes' => ['year'], 'max_bytes' => 200_000]],
    'writes' => [],
];

const KIND = [
    'scheme' => 'bill-kind',
    'code' => 'land-and-building-tax',
    'text' => ['id' => 'Pajak Bumi dan Bangunan (PBB-P2)', 'en' => 'Land and building tax'],
];

const STATUS = ['0' => 'unpaid', '1' => 'paid', '2' => 'cancelled'];

// Each column has its own thousands separator. It is declared, never guessed.
const POINTS = '/^(?:\d{1,3}(?:\.\d{3})*|\d+)$/D';
const COMMAS = '/^(?:\d{1,3}(?:,\d{3})*|\d+)$/D';
const LONGEST_SUM = 18;

/** One notice as an item of the protocol, with its doubts; a notice without number or year as a bad item. */
function bill(array $row, string $today): array
{
    $column = fn (string $name): string => trim((string) ($row[$name] ?? ''));
    $number = preg_replace('/\D/', '', $column('NOP'));
    $year = $column('THN_PAJAK_SPPT');
    if ($number === '' || !preg_match('/^[12]\d{3}$/D', $year)) {
        return ['bad' => 'no-number-or-year'];
    }
    $doubts = [];
    $dueOn = day($column('TGL_JATUH_TEMPO_SPPT'), '/due_on', $doubts);
    $status = status($column('STATUS_PEMBAYARAN_SPPT'), $dueOn, $today, $doubts);
    $amount = rupiah(POINTS, $column('PBB_YG_HARUS_DIBAYAR_SPPT'), '/amount', $doubts);
    $penalty = rupiah(COMMAS, $column('DENDA'), '/penalty', $doubts);
    $body = [
        'kind' => KIND,
        'object' => ['number' => $number, 'address' => address($column, $doubts)],
        'period' => ['start' => $year, 'end' => $year],
        'amount' => $amount,
        'penalty' => $penalty,
        'total_due' => total($amount, $penalty),
        'due_on' => $dueOn,
        'paid_on' => $status === 'paid' ? day($column('TGL_PEMBAYARAN_SPPT'), '/paid_on', $doubts) : null,
        'status' => $status,
        'agency' => ['id' => 'bpkpad'],
        'payer' => [
            'name' => $column('NM_WP_SPPT') ?: null,
            'identifiers' => nik($column('NIK_WP'), $doubts),
        ],
    ];
    return ['key' => "$number-$year", 'body' => $body, 'doubts' => $doubts];
}

/** A page of the bills of one taxpayer; the mark is where the next page starts. */
function page(array $message, callable $notices, string $today): array
{
    $nik = $message['subject']['nik'] ?? null;
    $year = $message['query']['year'] ?? null;
    $mark = $message['mark'] ?? '0';
    if (!is_string($nik) || $nik === '') {
        throw new Refusal(422, 'subject', "Bills need the taxpayer's NIK");
    }
    if ($year !== null && !is_int($year)) {
        throw new Refusal(422, 'query', 'A year is a number');
    }
    if (!is_string($mark) || !preg_match('/^\d{1,6}$/D', $mark)) {
        throw new Refusal(422, 'mark', 'This mark is unknown');
    }
    $rows = $notices($nik, (string) $year);
    $start = (int) $mark;
    $items = array_map(fn (array $row) => bill($row, $today), array_slice($rows, $start, PAGE));
    $more = $start + PAGE < count($rows);
    return ['items' => $items, 'as_of' => null, 'next' => $more ? (string) ($start + PAGE) : null];
}

/** Rupiah as exact text. */
function rupiah(string $writtenAs, string $text, string $pointer, array &$doubts): ?array
{
    if ($text === '') {
        return null;
    }
    if (!preg_match($writtenAs, $text)) {
        $doubts[] = ['code' => 'number-ambiguous', 'field' => $pointer];
        return null;
    }
    return ['amount' => preg_replace('/\D/', '', $text) . '.00', 'currency' => 'IDR'];
}

/** The sum, unless one of both is not known, or is too long to be a sum of rupiah. */
function total(?array $amount, ?array $penalty): ?array
{
    if ($amount === null || $penalty === null) {
        return null;
    }
    $parts = [substr($amount['amount'], 0, -3), substr($penalty['amount'], 0, -3)];
    if (max(array_map('strlen', $parts)) > LONGEST_SUM) {
        return null;
    }
    return ['amount' => array_sum(array_map('intval', $parts)) . '.00', 'currency' => 'IDR'];
}

/** dd-mm-yyyy as yyyy-mm-dd. */
function day(string $text, string $pointer, array &$doubts): ?string
{
    if ($text === '') {
        return null;
    }
    $read = preg_match('/^(\d\d)-(\d\d)-(\d{4})$/D', $text, $part);
    if ($read && checkdate((int) $part[2], (int) $part[1], (int) $part[3])) {
        return "$part[3]-$part[2]-$part[1]";
    }
    $doubts[] = ['code' => $text === '00-00-0000' ? 'date-zero' : 'date-impossible', 'field' => $pointer];
    return null;
}

/** An unknown code is `unknown`, never a guess. The doubt omits it, because the status of a bill is personal data. */
function status(string $code, ?string $dueOn, string $today, array &$doubts): string
{
    $status = STATUS[$code] ?? 'unknown';
    if ($status === 'unknown') {
        $doubts[] = ['code' => $code === '' ? 'field-missing' : 'status-unknown', 'field' => '/status'];
    }
    return $status === 'unpaid' && $dueOn !== null && $dueOn < $today ? 'overdue' : $status;
}

/** The address of the object; null if nothing is known of it. */
function address(callable $column, array &$doubts): ?array
{
    $text = $column('ALAMAT_OP') ?: null;
    $region = region($column('KD_WILAYAH'), $column('NM_KELURAHAN'), $doubts);
    return $text === null && $region === null ? null : ['text' => $text, 'region' => $region];
}

/** A region code, always with dots (Kemendagri). */
function region(string $code, string $name, array &$doubts): ?array
{
    if (!preg_match('/^(\d\d)(\d\d)(\d\d)(\d{4})$/D', $code, $part)) {
        $doubts[] = ['code' => 'region-unknown', 'field' => '/object/address/region'];
        return null;
    }
    return [
        'code' => implode('.', array_slice($part, 1)),
        'name' => $name === '' ? null : ucwords(strtolower($name)),
    ];
}

/** A number without sixteen digits proves no ownership; it is passed on with a doubt. */
function nik(string $text, array &$doubts): array
{
    if ($text === '') {
        return [];
    }
    $exact = preg_match('/^\d{16}$/D', $text) === 1;
    if (!$exact) {
        $doubts[] = ['code' => 'nik-form', 'field' => '/payer/identifiers'];
    }
    return [['scheme' => 'nik', 'value' => $text, 'exact' => $exact]];
}
