// Shapes that draw themselves.
#include <memory>
#include <string>
#include <vector>

namespace shapes {

template <typename T> class Shape : public Base<T> {
 public:
  explicit Shape(const std::string& name, int size = 3) : name_(name), size_(size) {}
  virtual ~Shape() = default;
  int size() const override { return size_; }

 private:
  std::string name_;
  int size_ = 0;
};

std::vector<int> sizes(const std::vector<std::unique_ptr<Shape<int>>>& all) {
  std::vector<int> out{1, 2};
  for (const auto& shape : all) {
    try {
      if (auto n = shape->size(); n > 0) out.push_back(n);
    } catch (const std::exception& e) {
      throw;
    }
  }
  auto twice = [&out](int n) { return n * 2; };
  char* text = new char[twice(3)];
  delete[] text;
  system(R"(echo "é")");
  return out;
}

}  // namespace shapes
