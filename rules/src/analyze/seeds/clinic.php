<?php
namespace Clinic\Records;

use PDO;
use Clinic\Http\{Request, Response as Page};

const TABLE = "patients";

#[Route("/patients")]
final class PatientController extends Controller implements Listed
{
    private const LIMIT = 20;
    private ?PDO $db = null;

    public function __construct(private readonly PDO $pdo, string $title = 'Records')
    {
        $this->db = $pdo;
    }

    public static function make(array $options = ['a' => 1, ...DEFAULTS]): self
    {
        return new self($options['pdo'] ?? new PDO("sqlite::memory:"), title: "x");
    }

    public function show(Request $request, &$count, ...$rest): Page
    {
        $id = $_GET['id'];
        $sql = "SELECT * FROM {$this->table} WHERE id = " . $id . " LIMIT " . self::LIMIT;
        foreach ($this->db->query($sql) as $key => $row) {
            if ($row['public'] === true && !$request->isGuest()) {
                echo "<li>$row[name] {$row['note']}</li>", PHP_EOL;
            } elseif ($key > 3) {
                continue;
            } else {
                print htmlspecialchars($row['name']);
            }
        }
        $handler = fn($x) => $x + 1;
        $filter = function (int $a) use ($handler) { return @$handler($a); };
        try {
            [$first, $second] = array_map($filter, $rest);
            exec(`which tar` . ' ' . escapeshellarg($id), $output);
        } catch (\RuntimeException | Failure $error) {
            throw new Page($error?->getMessage());
        } finally {
            unset($id);
        }
        $kind = match (true) { $first > 1, $second > 1 => 'many', default => 'one' };
        switch ($kind) { case 'many': require_once __DIR__ . "/many.php"; break; default: exit(1); }
        return new Page(<<<HTML
            <h1>{$kind}</h1>
            HTML);
    }
}

while ($i-- > 0): $total += $i; endwhile;
?>
<ul class="list">
<?php if ($total): ?>
  <li><?= $_POST['name'] ?></li>
<?php endif; ?>
</ul>
