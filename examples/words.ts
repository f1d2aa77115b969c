/** The words of the example: kinds of work with their titles and products, documents, and parts of invented persons' names. */
import type { AgencyKind } from './agencies.ts';

/** The kinds of work of Resolution 57 in 2025, as the column `group` has them. */
export const GROUPS = {
  institutions: 'Thể chế, pháp luật',
  infrastructure: 'Hạ tầng số',
  data: 'Dữ liệu, cơ sở dữ liệu',
  people: 'Nguồn nhân lực',
  science: 'Nhiệm vụ, dự án khoa học và công nghệ',
  government: 'Chính phủ số, dịch vụ công trực tuyến',
  party: 'Chuyển đổi số trong các cơ quan Đảng',
  security: 'An ninh mạng, bảo vệ dữ liệu',
  innovation: 'Doanh nghiệp đổi mới sáng tạo',
  cooperation: 'Hợp tác quốc tế',
} as const;

export type Group = keyof typeof GROUPS;

/** How often a group is drawn, relative to the others. */
export const GROUP_WEIGHTS: readonly (readonly [Group, number])[] = [
  ['institutions', 16],
  ['infrastructure', 9],
  ['data', 19],
  ['people', 10],
  ['science', 12],
  ['government', 15],
  ['party', 6],
  ['security', 7],
  ['innovation', 8],
  ['cooperation', 4],
];

/** What shows that the product exists; a link when there is no numbered document. */
export type Proof = 'submission' | 'decision' | 'report' | 'acceptance' | 'plan' | 'link';

/** A kind of work: `{slot}` in title and product is filled with one phrase of the lead agency's work. */
export interface Kind {
  readonly group: Group;
  readonly leads: readonly AgencyKind[];
  readonly title: string;
  readonly product: string;
  readonly proof: Proof;
}

const MINISTRY: readonly AgencyKind[] = ['ministry'];
const PROVINCE: readonly AgencyKind[] = ['province'];
const NATIONAL: readonly AgencyKind[] = ['ministry', 'central', 'unit'];
const EVERY: readonly AgencyKind[] = ['ministry', 'province', 'central', 'unit'];

type Row = readonly [leads: readonly AgencyKind[], title: string, product: string, proof: Proof];

function kinds(rows: Readonly<Record<Group, readonly Row[]>>): readonly Kind[] {
  return (Object.keys(GROUPS) as Group[]).flatMap((group) =>
    rows[group].map(([leads, title, product, proof]) => ({ group, leads, title, product, proof })),
  );
}

export const KINDS: readonly Kind[] = kinds({
  institutions: [
    [MINISTRY, 'Trình Chính phủ ban hành nghị định quy định về {law}', 'Nghị định quy định về {law}', 'submission'],
    [MINISTRY, 'Ban hành thông tư hướng dẫn thực hiện các quy định về {law}', 'Thông tư hướng dẫn về {law}', 'link'],
    [MINISTRY, 'Rà soát, đề xuất tháo gỡ điểm nghẽn pháp lý về {law}', 'Báo cáo rà soát kèm phương án sửa đổi quy định', 'report'],
    [
      MINISTRY,
      'Đánh giá tác động chính sách và hoàn thiện hồ sơ đề xuất xây dựng luật về {law}',
      'Hồ sơ chính sách đủ điều kiện trình thẩm định',
      'submission',
    ],
    [MINISTRY, 'Tổng kết việc thi hành quy định về {law} và kiến nghị sửa đổi, bổ sung', 'Báo cáo tổng kết thi hành pháp luật', 'report'],
    [['central'], 'Xây dựng, ban hành quy định về {law}', 'Quy định được ban hành', 'decision'],
    [['central'], 'Rà soát, sửa đổi, bổ sung các văn bản hiện hành về {law}', 'Báo cáo rà soát và dự thảo văn bản sửa đổi', 'report'],
    [['central'], 'Hướng dẫn các cấp ủy, cơ quan, đơn vị thực hiện quy định về {law}', 'Văn bản hướng dẫn', 'decision'],
    [EVERY, 'Gửi kế hoạch của {name} triển khai kết luận của Ban Chỉ đạo và nhiệm vụ trọng tâm năm 2025', 'Kế hoạch triển khai', 'plan'],
    [
      EVERY,
      'Ban hành bộ chỉ số đánh giá kết quả thực hiện Nghị quyết 57 của các đơn vị thuộc {name}',
      'Quyết định ban hành bộ chỉ số',
      'decision',
    ],
    [
      PROVINCE,
      'Trình Hội đồng nhân dân {name} nghị quyết về chính sách hỗ trợ {localScience}',
      'Nghị quyết của Hội đồng nhân dân',
      'submission',
    ],
    [
      PROVINCE,
      'Sửa đổi quy định phân cấp, ủy quyền giải quyết thủ tục về {localService} tại {name}',
      'Quyết định về phân cấp, ủy quyền',
      'decision',
    ],
    [PROVINCE, 'Ban hành quy chế quản lý, cập nhật và sử dụng dữ liệu {localData} của {name}', 'Quyết định ban hành quy chế', 'decision'],
  ],
  infrastructure: [
    [
      EVERY,
      'Rà soát, nâng cấp hạ tầng trung tâm dữ liệu của {name} đáp ứng yêu cầu kết nối, liên thông',
      'Hạ tầng được nâng cấp, nghiệm thu',
      'acceptance',
    ],
    [
      EVERY,
      'Chuyển các hệ thống thông tin của {name} lên nền tảng điện toán đám mây dùng chung',
      'Các hệ thống vận hành trên nền tảng điện toán đám mây',
      'acceptance',
    ],
    [
      EVERY,
      'Trang bị thiết bị đầu cuối, chữ ký số cho cán bộ, công chức của {name}',
      'Biên bản bàn giao thiết bị và danh sách chữ ký số',
      'acceptance',
    ],
    [
      NATIONAL,
      'Đầu tư phòng thí nghiệm, hạ tầng tính toán phục vụ nghiên cứu về {science}',
      'Phòng thí nghiệm đưa vào sử dụng',
      'acceptance',
    ],
    [NATIONAL, 'Xây dựng nền tảng số dùng chung phục vụ đào tạo, hỗ trợ {people}', 'Nền tảng vận hành chính thức', 'acceptance'],
    [
      MINISTRY,
      'Xây dựng hạ tầng kỹ thuật phục vụ thu thập, xử lý và lưu trữ dữ liệu {data}',
      'Hạ tầng kỹ thuật được nghiệm thu',
      'acceptance',
    ],
    [PROVINCE, 'Phủ sóng 5G và cáp quang tốc độ cao tại {localPlace} ở {name}', 'Báo cáo nghiệm thu vùng phủ sóng', 'acceptance'],
    [
      PROVINCE,
      'Khảo sát, lập danh sách và đầu tư đường truyền dự phòng cho {localPlace} ở {name}',
      'Đường truyền được đưa vào sử dụng',
      'acceptance',
    ],
    [
      PROVINCE,
      'Lắp đặt hệ thống cảm biến, thiết bị IoT phục vụ {localScience} tại {name}',
      'Hệ thống cảm biến vận hành chính thức',
      'acceptance',
    ],
  ],
  data: [
    [NATIONAL, 'Xây dựng, đưa vào vận hành chính thức cơ sở dữ liệu {data}', 'Cơ sở dữ liệu {data} vận hành chính thức', 'acceptance'],
    [NATIONAL, 'Làm sạch, chuẩn hóa dữ liệu {data} bảo đảm “đúng, đủ, sạch, sống”', 'Báo cáo chất lượng dữ liệu {data}', 'report'],
    [NATIONAL, 'Kết nối, chia sẻ cơ sở dữ liệu {data} với Trung tâm Dữ liệu quốc gia', 'Biên bản kết nối, đồng bộ dữ liệu', 'acceptance'],
    [MINISTRY, 'Xác định danh mục dữ liệu mở, dữ liệu dùng chung của cơ sở dữ liệu {data}', 'Danh mục dữ liệu được công bố', 'link'],
    [NATIONAL, 'Ban hành quy chế quản lý, khai thác và chia sẻ cơ sở dữ liệu {data}', 'Quy chế được ban hành', 'decision'],
    [NATIONAL, 'Số hóa hồ sơ, tài liệu giấy phục vụ tạo lập cơ sở dữ liệu {data}', 'Hồ sơ số hóa đạt yêu cầu nghiệm thu', 'acceptance'],
    [
      MINISTRY,
      'Phê duyệt cấu trúc thông điệp, từ điển dữ liệu dùng chung đối với cơ sở dữ liệu {data}',
      'Quyết định phê duyệt từ điển dữ liệu',
      'decision',
    ],
    [
      PROVINCE,
      'Hoàn thành làm sạch, đồng bộ dữ liệu {localData} trên địa bàn {name}',
      'Biên bản xác nhận dữ liệu đã làm sạch',
      'acceptance',
    ],
    [
      PROVINCE,
      'Số hóa hồ sơ và tạo lập cơ sở dữ liệu {localData} của {name}',
      'Cơ sở dữ liệu {localData} vận hành chính thức',
      'acceptance',
    ],
    [
      PROVINCE,
      'Kết nối cơ sở dữ liệu {localData} của {name} với cơ sở dữ liệu quốc gia',
      'Biên bản kết nối, đồng bộ dữ liệu',
      'acceptance',
    ],
    [PROVINCE, 'Rà soát, hợp nhất dữ liệu {localData} từ các hệ thống cũ tại {name}', 'Biên bản hợp nhất, đối soát dữ liệu', 'acceptance'],
  ],
  people: [
    [NATIONAL, 'Bồi dưỡng kỹ năng số và ứng dụng trí tuệ nhân tạo cho {people}', 'Báo cáo kết quả bồi dưỡng, danh sách học viên', 'report'],
    [NATIONAL, 'Ban hành khung năng lực số và bộ câu hỏi đánh giá đối với {people}', 'Khung năng lực số được ban hành', 'decision'],
    [NATIONAL, 'Xây dựng khóa học trực tuyến mở về chuyển đổi số dành cho {people}', 'Khóa học trên nền tảng “Bình dân học vụ số”', 'link'],
    [NATIONAL, 'Tổ chức đánh giá, cấp chứng nhận năng lực số cho {people}', 'Báo cáo kết quả đánh giá năng lực số', 'report'],
    [NATIONAL, 'Trình cơ chế tuyển dụng, đãi ngộ chuyên gia về {science} làm việc tại {name}', 'Đề án thu hút chuyên gia', 'submission'],
    [
      EVERY,
      'Kiện toàn bộ phận chuyên trách về khoa học, công nghệ và chuyển đổi số của {name}',
      'Quyết định kiện toàn, phân công nhiệm vụ',
      'decision',
    ],
    [PROVINCE, 'Tập huấn kỹ năng số cơ bản cho {localPeople} trên địa bàn {name}', 'Báo cáo kết quả tập huấn', 'report'],
    [PROVINCE, 'Triển khai phong trào “Bình dân học vụ số” đối với {localPeople} tại {name}', 'Báo cáo kết quả phong trào', 'report'],
    [PROVINCE, 'Bố trí chuyên gia hỗ trợ {localPeople} sử dụng nền tảng số tại {name}', 'Quyết định cử chuyên gia hỗ trợ', 'decision'],
  ],
  science: [
    [NATIONAL, 'Triển khai đề tài khoa học cấp quốc gia về {study}', 'Báo cáo tổng kết đề tài được nghiệm thu', 'acceptance'],
    [NATIONAL, 'Xây dựng báo cáo tư vấn chính sách gửi Ban Chỉ đạo về {study}', 'Báo cáo tư vấn chính sách', 'report'],
    [NATIONAL, 'Khảo sát, xây dựng bộ dữ liệu phục vụ nghiên cứu về {study}', 'Bộ dữ liệu khảo sát', 'link'],
    [NATIONAL, 'Triển khai nhiệm vụ khoa học và công nghệ trọng điểm về {science}', 'Sản phẩm mẫu và báo cáo nghiệm thu', 'acceptance'],
    [NATIONAL, 'Xây dựng chương trình nghiên cứu, phát triển về {science} giai đoạn 2026–2030', 'Chương trình được phê duyệt', 'decision'],
    [
      NATIONAL,
      'Đặt hàng, lựa chọn đơn vị chủ trì nghiên cứu, làm chủ giải pháp về {science}',
      'Quyết định giao nhiệm vụ nghiên cứu',
      'decision',
    ],
    [NATIONAL, 'Đánh giá giữa kỳ các đề tài, dự án về {science} do {name} quản lý', 'Báo cáo đánh giá giữa kỳ', 'report'],
    [['ministry'], 'Thử nghiệm có kiểm soát sản phẩm, giải pháp về {science}', 'Báo cáo kết quả thử nghiệm', 'report'],
    [
      EVERY,
      'Rà soát, bố trí kinh phí khoa học, công nghệ và chuyển đổi số giai đoạn 2025–2026 của {name}',
      'Bảng phân bổ kinh phí',
      'decision',
    ],
    [PROVINCE, 'Triển khai dự án ứng dụng công nghệ về {localScience} tại {name}', 'Mô hình ứng dụng được nghiệm thu', 'acceptance'],
    [PROVINCE, 'Đặt hàng các viện, trường nghiên cứu giải pháp {localScience} cho {name}', 'Hợp đồng đặt hàng nghiên cứu', 'decision'],
    [PROVINCE, 'Tổng kết, nhân rộng mô hình {localScience} trên địa bàn {name}', 'Báo cáo tổng kết mô hình', 'report'],
  ],
  government: [
    [MINISTRY, 'Cung cấp dịch vụ công trực tuyến toàn trình đối với thủ tục {service}', 'Dịch vụ công trực tuyến toàn trình', 'link'],
    [
      MINISTRY,
      'Tái cấu trúc quy trình, cắt giảm giấy tờ phải nộp khi thực hiện thủ tục {service}',
      'Quyết định công bố thủ tục đã cắt giảm',
      'decision',
    ],
    [
      MINISTRY,
      'Thay thế giấy tờ bằng dữ liệu trên VNeID khi giải quyết thủ tục {service}',
      'Danh mục giấy tờ được thay thế bằng dữ liệu',
      'decision',
    ],
    [
      MINISTRY,
      'Khắc phục lỗi, nâng tỷ lệ hồ sơ trực tuyến của thủ tục {service} trên Cổng Dịch vụ công quốc gia',
      'Báo cáo kết quả khắc phục',
      'report',
    ],
    [
      EVERY,
      'Ban hành khung kiến trúc số của {name} phù hợp khung kiến trúc tổng thể quốc gia',
      'Khung kiến trúc số được ban hành',
      'decision',
    ],
    [EVERY, 'Thí điểm trợ lý ảo hỗ trợ cán bộ, công chức của {name} xử lý văn bản, hồ sơ', 'Báo cáo kết quả thí điểm', 'report'],
    [
      PROVINCE,
      'Giải quyết thủ tục về {localService} không phụ thuộc địa giới hành chính tại {name}',
      'Quyết định công bố danh mục thủ tục',
      'decision',
    ],
    [PROVINCE, 'Nâng tỷ lệ hồ sơ trực tuyến toàn trình về {localService} tại {name}', 'Báo cáo tỷ lệ hồ sơ trực tuyến', 'report'],
    [
      PROVINCE,
      'Số hóa, tái sử dụng kết quả giải quyết thủ tục về {localService} tại {name}',
      'Kho dữ liệu kết quả thủ tục hành chính',
      'acceptance',
    ],
    [
      PROVINCE,
      'Bố trí điểm hỗ trợ dịch vụ công trực tuyến về {localService} ở các xã, phường của {name}',
      'Danh sách điểm hỗ trợ đã hoạt động',
      'report',
    ],
  ],
  party: [
    [EVERY, 'Kết nối hệ thống thông tin của {committee} với mạng thông tin diện rộng của Đảng', 'Biên bản kết nối, kiểm thử', 'acceptance'],
    [EVERY, 'Số hóa hồ sơ đảng viên và tài liệu lưu trữ của {committee}', 'Kho tài liệu số hóa được nghiệm thu', 'acceptance'],
    [
      EVERY,
      'Đưa phòng họp không giấy vào sử dụng tại các cuộc họp của {committee}',
      'Hệ thống họp không giấy vận hành chính thức',
      'acceptance',
    ],
    [
      EVERY,
      'Triển khai phần mềm Sổ tay đảng viên điện tử tại các chi bộ trực thuộc {committee}',
      'Báo cáo tỷ lệ đảng viên sử dụng',
      'report',
    ],
    [
      ['central'],
      'Tích hợp dữ liệu {data} vào kho dữ liệu dùng chung của các cơ quan Đảng',
      'Dữ liệu được tích hợp, khai thác',
      'acceptance',
    ],
    [PROVINCE, 'Kết nối trang thông tin của {committee} với Cổng thông tin điện tử của Đảng', 'Trang thông tin được kết nối', 'link'],
  ],
  security: [
    [
      EVERY,
      'Phê duyệt hồ sơ đề xuất cấp độ an toàn đối với các hệ thống thông tin của {name}',
      'Quyết định phê duyệt cấp độ an toàn',
      'decision',
    ],
    [EVERY, 'Tổ chức diễn tập thực chiến, ứng cứu sự cố an ninh mạng tại {name}', 'Báo cáo kết quả diễn tập', 'report'],
    [
      EVERY,
      'Khắc phục lỗ hổng bảo mật tại các hệ thống thông tin quan trọng do {name} quản lý',
      'Báo cáo khắc phục, biên bản kiểm tra lại',
      'report',
    ],
    [EVERY, 'Rà soát, thay thế thiết bị mạng, camera không rõ nguồn gốc tại {name}', 'Báo cáo rà soát, thay thế thiết bị', 'report'],
    [NATIONAL, 'Đánh giá tác động xử lý dữ liệu cá nhân đối với cơ sở dữ liệu {data}', 'Hồ sơ đánh giá tác động', 'link'],
    [NATIONAL, 'Triển khai giám sát an ninh mạng tập trung cho cơ sở dữ liệu {data}', 'Hệ thống giám sát vận hành 24/7', 'acceptance'],
    [PROVINCE, 'Bảo vệ dữ liệu cá nhân khi chia sẻ dữ liệu {localData} của {name}', 'Quy trình bảo vệ dữ liệu cá nhân', 'decision'],
  ],
  innovation: [
    [NATIONAL, 'Công bố danh mục bài toán lớn về {science} để đặt hàng doanh nghiệp', 'Danh mục bài toán lớn được công bố', 'link'],
    [
      NATIONAL,
      'Hỗ trợ doanh nghiệp khởi nghiệp sáng tạo thương mại hóa sản phẩm về {science}',
      'Báo cáo kết quả hỗ trợ doanh nghiệp',
      'report',
    ],
    [NATIONAL, 'Kết nối viện nghiên cứu, trường đại học với doanh nghiệp phát triển {science}', 'Biên bản ghi nhớ hợp tác ba bên', 'link'],
    [
      PROVINCE,
      'Hỗ trợ doanh nghiệp nhỏ và vừa ở {name} ứng dụng công nghệ vào {localScience}',
      'Danh sách doanh nghiệp được hỗ trợ',
      'report',
    ],
    [
      PROVINCE,
      'Thành lập, vận hành trung tâm đổi mới sáng tạo của {name}, ưu tiên {localScience}',
      'Trung tâm đi vào hoạt động',
      'decision',
    ],
    [PROVINCE, 'Tổ chức ngày hội khởi nghiệp, kết nối đầu tư về {localScience} tại {name}', 'Báo cáo kết quả kết nối đầu tư', 'report'],
  ],
  cooperation: [
    [NATIONAL, 'Tổ chức hội thảo quốc tế, công bố kỷ yếu nghiên cứu về {study}', 'Kỷ yếu hội thảo', 'link'],
    [
      NATIONAL,
      'Đàm phán, ký kết thỏa thuận hợp tác nghiên cứu về {science} với đối tác nước ngoài',
      'Thỏa thuận hợp tác được ký kết',
      'link',
    ],
    [
      NATIONAL,
      'Mời chuyên gia quốc tế và người Việt Nam ở nước ngoài tham gia nghiên cứu về {science}',
      'Danh sách chuyên gia và kế hoạch làm việc',
      'plan',
    ],
    [NATIONAL, 'Tiếp nhận kinh nghiệm, giáo trình quốc tế về kỹ năng số để bồi dưỡng {people}', 'Bộ giáo trình được Việt hóa', 'link'],
    [PROVINCE, 'Hợp tác với địa phương nước ngoài kết nghĩa của {name} về {localScience}', 'Bản ghi nhớ hợp tác', 'link'],
  ],
});

/** Work that comes again every month or quarter. */
export const REGULAR_KINDS: readonly Kind[] = (
  [
    ['institutions', EVERY, 'Báo cáo hằng tháng tình hình, kết quả thực hiện Nghị quyết 57 của {name}', 'Báo cáo tháng', 'report'],
    [
      'institutions',
      EVERY,
      'Cập nhật tiến độ, minh chứng nhiệm vụ của {name} trên hệ thống theo dõi trước ngày 25 hằng tháng',
      'Dữ liệu được cập nhật đầy đủ',
      'link',
    ],
    ['data', EVERY, 'Kiểm tra, đánh giá hằng quý chất lượng dữ liệu do {name} quản lý', 'Báo cáo chất lượng dữ liệu quý', 'report'],
    [
      'government',
      [...MINISTRY, ...PROVINCE],
      'Theo dõi, công khai hằng tháng kết quả giải quyết thủ tục hành chính của {name}',
      'Bảng số liệu công khai',
      'link',
    ],
    ['security', EVERY, 'Rà quét định kỳ lỗ hổng bảo mật trên các hệ thống thông tin của {name}', 'Báo cáo rà quét định kỳ', 'report'],
    ['people', EVERY, 'Duy trì bồi dưỡng kỹ năng số thường xuyên cho đội ngũ cán bộ của {name}', 'Báo cáo số lượt bồi dưỡng', 'report'],
    ['science', EVERY, 'Báo cáo hằng quý tình hình giải ngân kinh phí khoa học, công nghệ của {name}', 'Báo cáo giải ngân quý', 'report'],
    [
      'party',
      EVERY,
      'Duy trì gửi, nhận văn bản điện tử thông suốt giữa {committee} và Văn phòng Trung ương Đảng',
      'Báo cáo tỷ lệ văn bản điện tử',
      'report',
    ],
  ] as const
).map(([group, leads, title, product, proof]) => ({ group, leads, title, product, proof }));

/** Documents that assigned tasks, each with the day from which its tasks were handed out and how many of them, relatively. */
export const DOCUMENTS: readonly { readonly number: string; readonly from: string; readonly weight: number }[] = [
  { number: '57-NQ/TW', from: '2025-01-13', weight: 9 },
  { number: '03/NQ-CP', from: '2025-01-20', weight: 7 },
  { number: '01-KH/BCĐTW', from: '2025-02-24', weight: 6 },
  { number: '05-TB/BCĐ', from: '2025-03-17', weight: 6 },
  { number: '71/NQ-CP', from: '2025-04-03', weight: 14 },
  { number: '09-TB/BCĐ', from: '2025-05-12', weight: 6 },
  { number: '02-KH/BCĐTW', from: '2025-06-20', weight: 14 },
  { number: '13-TB/BCĐ', from: '2025-07-07', weight: 9 },
  { number: '15-TB/BCĐ', from: '2025-08-11', weight: 8 },
  { number: '18-TB/BCĐ', from: '2025-09-08', weight: 8 },
  { number: '20-TB/BCĐ', from: '2025-10-06', weight: 8 },
  { number: '22-TB/BCĐ', from: '2025-11-03', weight: 7 },
  { number: '24-TB/BCĐ', from: '2025-11-24', weight: 4 },
  { number: '25-TB/BCĐ', from: '2025-12-02', weight: 1 },
];

/** Family names, the commonest repeated so that they are drawn more often. */
export const FAMILY_NAMES = words(
  'Nguyễn Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Trần Lê Lê Phạm Phạm Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Trịnh Đoàn Mai Lâm Tạ Lương Chu Quách Nông Kiều',
);
/** Middle names are rare ones: an invented person should not bear the name of one in office. */
export const WOMEN = {
  middle: words('Bích Khánh Diệu Quỳnh Cẩm Nhật Tường Hoài Tú Lệ An'),
  given: words(
    'Hương Mai Hạnh Nga Oanh Trang Yến Thảo Nhung Loan Hiền Châu Vân Huyền Thủy Giang Chi Dung Hằng Liên Ngân Quyên Tâm Trâm Xuân',
  ),
};
export const MEN = {
  middle: words('Gia Khải Nhật Tường Nguyên Bảo Thiện Khôi An Vĩnh'),
  given: words(
    'Bình Cường Dũng Đạt Hải Hiếu Hoàng Hưng Khoa Kiên Lâm Long Nam Nghĩa Phong Phúc Quân Sáng Tài Thành Thịnh Toàn Trung Tuấn Tùng Việt Vinh',
  ),
};

function words(text: string): readonly string[] {
  return text.split(' ');
}
