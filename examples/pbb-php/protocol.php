<?php
/**
 * Protokol adaptor Gerbang: memeriksa tanda tangan permintaan, menandatangani jawaban. Sama untuk setiap sistem.
 * The Gerbang adapter protocol: checks the signature of requests, signs answers. The same for every system.
 *
 * HTTP Message Signatures (RFC 9421) with HMAC-SHA256 over the shared secret, one signature labelled `gerbang`, always
 * over the same components; Content-Digest (RFC 9530).
 */

declare(strict_types=1);

namespace Gerbang;

const LABEL = 'gerbang';
const TAG = 'gerbang-adapter';
const REQUEST_COMPONENTS = '("@method" "@path" "content-digest")';
const ANSWER_COMPONENTS = '("@status" "content-digest" "signature";req;key="gerbang")';
const SKEW_SECONDS = 60;
const NONCES_KEPT_SECONDS = 300;
const LARGEST_MESSAGE = 1_000_000;

/** There is no answer; `word` is the reason, `retryAfter` the wait in seconds. */
final class Refusal extends \Exception
{
    public function __construct(
        public readonly int $status,
        public readonly string $word,
        string $title,
        public readonly ?int $retryAfter = null,
    ) {
        parent::__construct($title);
    }
}

/** The key that signed a request, and the signature that the answer has to cover. */
final class Verified
{
    public function __construct(
        public readonly string $keyId,
        public readonly string $secret,
        public readonly string $signature,
        public readonly int $created,
        public readonly string $nonce,
    ) {
    }
}

/**
 * Answers one request, and ends.
 *
 * @param array<string, string> $keys shared secrets by their names; while a secret is being replaced, both
 * @param array<string, callable(array): array> $routes handlers by method and path, such as 'POST /reads/bill/ask'
 */
function serve(array $keys, array $routes, \PDO $nonces, string $prefix = ''): void
{
    $method = $_SERVER['REQUEST_METHOD'];
    $path = explode('?', $_SERVER['REQUEST_URI'], 2)[0];
    $content = (string) file_get_contents('php://input', length: LARGEST_MESSAGE + 1);
    $verified = null;
    try {
        if (strlen($content) > LARGEST_MESSAGE) {
            throw new Refusal(413, 'message', 'The message is too large');
        }
        $verified = verified($keys, $method, $path, $content);
        fresh($verified, $nonces);
        $message = handled($routes, $method, $prefix, $path, $content);
        respond(200, 'application/json', $message, $verified);
    } catch (Refusal $refusal) {
        if ($refusal->retryAfter !== null) {
            header('Retry-After: ' . $refusal->retryAfter);
        }
        $problem = [
            'type' => 'urn:gerbang:adapter:' . $refusal->word,
            'title' => $refusal->getMessage(),
            'status' => $refusal->status,
        ];
        respond($refusal->status, 'application/problem+json', $problem, $verified);
    } catch (\Throwable $error) {
        // Only the type of the error: its text may contain personal data.
        error_log('adapter fault: ' . $error::class);
        $problem = ['type' => 'urn:gerbang:adapter:fault', 'title' => 'The adapter failed', 'status' => 500];
        respond(500, 'application/problem+json', $problem, $verified);
    }
}

/** Verify the signature of this request and return its signer. */
function verified(array $keys, string $method, string $path, string $content): Verified
{
    $digest = $_SERVER['HTTP_CONTENT_DIGEST'] ?? '';
    if (!hash_equals(digest_of($content), $digest)) {
        throw new Refusal(401, 'digest', 'Content-Digest is missing or wrong');
    }
    $input = $_SERVER['HTTP_SIGNATURE_INPUT'] ?? '';
    $start = LABEL . '=' . REQUEST_COMPONENTS;
    $parameter = ';([a-z]+)=(?:(\d{1,15})|"([^"\\\\]{0,200})")';
    if (
        !str_starts_with($input, $start)
        || !preg_match('/^(?:' . $parameter . ')+$/D', substr($input, strlen($start)))
        || !preg_match('/^gerbang=(:[A-Za-z0-9+\/]{43}=:)$/D', $_SERVER['HTTP_SIGNATURE'] ?? '', $signature)
    ) {
        throw new Refusal(401, 'signature', 'Signature or Signature-Input is missing or wrong');
    }
    preg_match_all('/' . $parameter . '/', $input, $found, PREG_SET_ORDER | PREG_UNMATCHED_AS_NULL);
    $given = [];
    foreach ($found as [, $name, $number, $text]) {
        $given[$name] = (string) ($number ?? $text);
    }
    $secret = $keys[$given['keyid'] ?? ''] ?? '';
    $expected = sign($secret, [
        '"@method"' => $method,
        '"@path"' => $path,
        '"content-digest"' => $digest,
        '"@signature-params"' => substr($input, strlen(LABEL) + 1),
    ]);
    if ($secret === '' || !hash_equals($expected, $signature[1])) {
        throw new Refusal(401, 'signature', 'The signature is wrong');
    }
    $nonce = $given['nonce'] ?? '';
    if (($given['tag'] ?? '') !== TAG || !ctype_digit($given['created'] ?? '') || strlen($nonce) < 16) {
        throw new Refusal(401, 'signature', 'The signature lacks tag, created or nonce');
    }
    return new Verified($given['keyid'], $secret, $signature[1], (int) $given['created'], $nonce);
}

/** Check that the request is neither too old nor received before. */
function fresh(Verified $verified, \PDO $nonces): void
{
    $now = time();
    if (abs($now - $verified->created) > SKEW_SECONDS) {
        throw new Refusal(401, 'clock', 'The request is too old, or a clock is wrong');
    }
    $nonces->exec('CREATE TABLE IF NOT EXISTS nonces (nonce VARCHAR(300) PRIMARY KEY, seen_at INTEGER NOT NULL)');
    $nonces->prepare('DELETE FROM nonces WHERE seen_at < ?')->execute([$now - NONCES_KEPT_SECONDS]);
    try {
        $nonces->prepare('INSERT INTO nonces VALUES (?, ?)')->execute(["$verified->keyId/$verified->nonce", $now]);
    } catch (\PDOException $error) {
        // 23000: the primary key is taken, in SQLite and MariaDB alike.
        throw $error->getCode() === '23000'
            ? new Refusal(409, 'nonce-seen', 'This request was received before')
            : $error;
    }
}

/** Return the answer of the row's handler. */
function handled(array $routes, string $method, string $prefix, string $path, string $content): array
{
    $below = str_starts_with($path, $prefix) ? substr($path, strlen($prefix)) : $path;
    $handler = $routes["$method $below"] ?? throw new Refusal(404, 'not-granted', 'There is no such row');
    $message = $content === '' ? [] : json_decode($content, associative: true, depth: 64);
    if (!is_array($message)) {
        throw new Refusal(400, 'message', 'The message is not a JSON object');
    }
    return $handler($message);
}

/** Send the answer, signed if the key of the request is known. */
function respond(int $status, string $type, array $message, ?Verified $verified): void
{
    $content = json_encode($message, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
    http_response_code($status);
    header("Content-Type: $type");
    header('Content-Length: ' . strlen($content));
    if ($verified !== null) {
        $digest = digest_of($content);
        $parameters = sprintf(
            '%s;created=%d;keyid="%s";alg="hmac-sha256";tag="%s"',
            ANSWER_COMPONENTS,
            time(),
            $verified->keyId,
            TAG,
        );
        $signature = sign($verified->secret, [
            '"@status"' => (string) $status,
            '"content-digest"' => $digest,
            '"signature";req;key="gerbang"' => $verified->signature,
            '"@signature-params"' => $parameters,
        ]);
        header("Content-Digest: $digest");
        header("Signature-Input: gerbang=$parameters");
        header("Signature: gerbang=$signature");
    }
    echo $content;
}

/** The value of Content-Digest. */
function digest_of(string $content): string
{
    return 'sha-256=:' . base64_encode(hash('sha256', $content, binary: true)) . ':';
}

/** The signature of a signature base: one line for each component, `name: value`. */
function sign(string $secret, array $lines): string
{
    $base = implode("\n", array_map(fn (string $name) => "$name: $lines[$name]", array_keys($lines)));
    return ':' . base64_encode(hash_hmac('sha256', $base, $secret, binary: true)) . ':';
}
