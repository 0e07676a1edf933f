// SPDX-License-Identifier: Apache-2.0
// The type macros as C++17 sees them; compiled, and run for its exit code.
#include <cstdint>

#include "core/type.h"

struct vec3 {
	double x, y, z;
};
TAKT_TYPE(vec3, vec3, TAKT_FIELD(vec3, x, TAKT_F64, 1, "m"), TAKT_FIELD(vec3, y, TAKT_F64, 1, "m"),
	  TAKT_FIELD(vec3, z, TAKT_F64, 1, "m"));

struct pose {
	vec3 position;
	float quaternion[4];
	char frame[16];
	bool valid;
	std::uint8_t reserved[7];
};
TAKT_TYPE(pose, struct pose, TAKT_NESTED(struct pose, position, vec3, 1),
	  TAKT_FIELD(struct pose, quaternion, TAKT_F32, 4, ""), TAKT_FIELD(struct pose, frame, TAKT_CHAR, 16, ""),
	  TAKT_FIELD(struct pose, valid, TAKT_BOOL, 1, ""));

static_assert(sizeof(pose) == 64, "pose has a hole");

int main()
{
	const bool is_right =
		takt_type_pose.field_count == 4 && takt_type_pose.bytes == sizeof(pose) &&
		takt_type_pose.alignment == alignof(pose) && takt_type_pose_fields[0].nested == &takt_type_vec3 &&
		takt_type_pose_fields[2].offset == offsetof(pose, frame) && takt_type_vec3_fields[1].offset == 8;

	return is_right ? 0 : 1;
}
