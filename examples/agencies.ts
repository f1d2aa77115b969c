/**
 * The agencies of the example and what each of them works on. Names of agencies are real: the ministries, and the 34 provinces
 * and cities, are those after the mergers of 2025.
 */

export type AgencyKind = 'ministry' | 'province' | 'central' | 'unit';

/** What fills the blank of a task's title; every phrase is lower case unless it begins with a name. */
export type Slot =
  | 'law'
  | 'data'
  | 'service'
  | 'science'
  | 'study'
  | 'people'
  | 'localData'
  | 'localService'
  | 'localPeople'
  | 'localScience'
  | 'localPlace'
  | 'name'
  | 'committee';

export interface Agency {
  readonly code: string;
  readonly kind: AgencyKind;
  readonly vi: string;
  readonly en: string;
  readonly fr: string;
  /** As in the number of a document that the agency issues: `12/BC-BYT`. */
  readonly abbreviation: string;
  /** Lead tasks, relative to the other agencies. */
  readonly weight: number;
  readonly work: Readonly<Partial<Record<Slot, readonly string[]>>>;
}

type Work = Partial<Record<'law' | 'data' | 'service' | 'science' | 'study' | 'people', string>>;

/** Phrases stand one after the other, divided by `|`. */
function phrases(work: Work, name: string): Agency['work'] {
  const lists = Object.entries(work).map(([slot, text]) => [slot, text.split('|').map((phrase) => phrase.trim())]);
  // The Central Office is where the lines of the Party's bodies end: no task joins it to itself.
  const committee = name === 'Văn phòng Trung ương Đảng' ? {} : { committee: [`Đảng ủy ${name}`] };
  return { ...Object.fromEntries(lists), ...committee, name: [name] };
}

function agency(
  kind: AgencyKind,
  weight: number,
  [code, vi, en, fr, abbreviation]: readonly [string, string, string, string, string],
  work: Work,
): Agency {
  return { code, kind, vi, en, fr, abbreviation, weight, work: phrases(work, vi) };
}

const MINISTRIES: readonly Agency[] = [
  agency('ministry', 8, ['MOD', 'Bộ Quốc phòng', 'Ministry of National Defence', 'Ministère de la Défense nationale', 'BQP'], {
    law: 'phát triển công nghiệp quốc phòng lưỡng dụng | đặt hàng nghiên cứu vật liệu mới phục vụ quốc phòng | quản lý phương tiện bay không người lái',
    data: 'nghĩa vụ quân sự và dự bị động viên | quân nhân xuất ngũ | sản phẩm mật mã dân sự',
    service:
      'đăng ký nghĩa vụ quân sự lần đầu | cấp phép bay cho phương tiện bay không người lái | cấp giấy phép kinh doanh sản phẩm mật mã dân sự',
    science: 'thiết bị bay không người lái | chip chuyên dụng cho thiết bị viễn thông | ra-đa và cảm biến thế hệ mới | mật mã hậu lượng tử',
    people: 'sĩ quan trẻ các học viện, nhà trường quân đội | nhân viên kỹ thuật các nhà máy quốc phòng',
  }),
  agency('ministry', 13, ['MPS', 'Bộ Công an', 'Ministry of Public Security', 'Ministère de la Sécurité publique', 'BCA'], {
    law: 'bảo vệ dữ liệu cá nhân | dữ liệu cốt lõi, dữ liệu quan trọng | sản phẩm, dịch vụ về dữ liệu | định danh và xác thực điện tử | hoạt động của sàn dữ liệu | phòng, chống tội phạm công nghệ cao',
    data: 'dân cư | căn cước và định danh điện tử | đăng ký phương tiện giao thông | xuất nhập cảnh | xử lý vi phạm trật tự, an toàn giao thông | lý lịch tư pháp',
    service:
      'đăng ký thường trú, tạm trú | cấp đổi giấy phép lái xe | cấp phiếu lý lịch tư pháp | cấp hộ chiếu phổ thông | đăng ký xe lần đầu',
    science:
      'trí tuệ nhân tạo phân tích dữ liệu lớn | nền tảng xác thực sinh trắc học | công nghệ chuỗi khối trong bảo vệ dữ liệu | giám sát, phát hiện tấn công mạng',
    people: 'lực lượng công an cấp xã | cán bộ vận hành Trung tâm Dữ liệu quốc gia | cán bộ điều tra tội phạm công nghệ cao',
  }),
  agency('ministry', 5, ['MOFA', 'Bộ Ngoại giao', 'Ministry of Foreign Affairs', 'Ministère des Affaires étrangères', 'BNG'], {
    law: 'thu hút chuyên gia, trí thức người Việt Nam ở nước ngoài | ngoại giao công nghệ | chứng nhận lãnh sự điện tử',
    data: 'người Việt Nam ở nước ngoài | điều ước quốc tế | mạng lưới chuyên gia công nghệ người Việt toàn cầu',
    service: 'chứng nhận lãnh sự, hợp pháp hóa lãnh sự | cấp hộ chiếu tại cơ quan đại diện | đăng ký công dân ở nước ngoài',
    study: 'ngoại giao công nghệ | quản trị trí tuệ nhân tạo toàn cầu | dự báo tình hình quốc tế bằng dữ liệu lớn',
    people: 'cán bộ phụ trách khoa học, công nghệ tại cơ quan đại diện | cán bộ ngoại giao kinh tế',
  }),
  agency('ministry', 8, ['MOHA', 'Bộ Nội vụ', 'Ministry of Home Affairs', "Ministère de l'Intérieur", 'BNV'], {
    law: 'chính sách đãi ngộ chuyên gia công nghệ trong khu vực công | vị trí việc làm về chuyển đổi số cấp xã | đánh giá cán bộ, công chức theo kết quả đầu ra | sàn giao dịch việc làm',
    data: 'cán bộ, công chức, viên chức | người lao động | người có công | hội, quỹ và tổ chức phi chính phủ | tài liệu lưu trữ điện tử',
    service:
      'cấp giấy phép lao động cho người nước ngoài | giải quyết trợ cấp người có công | đăng ký hoạt động dịch vụ việc làm | thi tuyển công chức trực tuyến',
    science: 'kho lưu trữ số | nền tảng đánh giá công chức bằng dữ liệu | dự báo cung cầu lao động bằng trí tuệ nhân tạo',
    people: 'cán bộ, công chức cấp xã | lãnh đạo, quản lý các cấp | công chức làm công tác tổ chức cán bộ',
  }),
  agency('ministry', 7, ['MOJ', 'Bộ Tư pháp', 'Ministry of Justice', 'Ministère de la Justice', 'BTP'], {
    law: 'hoạt động công chứng điện tử | đăng ký biện pháp bảo đảm bằng tài sản số | rút gọn quy trình xây dựng văn bản về chuyển đổi số | trách nhiệm pháp lý khi sử dụng trí tuệ nhân tạo',
    data: 'hộ tịch điện tử | văn bản quy phạm pháp luật | công chứng | thi hành án dân sự | đăng ký biện pháp bảo đảm',
    service: 'đăng ký khai sinh, khai tử liên thông | đăng ký kết hôn có yếu tố nước ngoài | đăng ký biện pháp bảo đảm | trợ giúp pháp lý',
    science: 'trợ lý ảo tra cứu, giải đáp pháp luật | phát hiện mâu thuẫn, chồng chéo của văn bản bằng trí tuệ nhân tạo',
    people: 'công chức tư pháp, hộ tịch cấp xã | công chứng viên | chấp hành viên thi hành án dân sự',
  }),
  agency('ministry', 11, ['MOF', 'Bộ Tài chính', 'Ministry of Finance', 'Ministère des Finances', 'BTC'], {
    law: 'khoán chi ngân sách cho nhiệm vụ khoa học | quỹ đầu tư mạo hiểm quốc gia | ưu đãi thuế cho hoạt động nghiên cứu và phát triển | mua sắm công sản phẩm đổi mới sáng tạo | thị trường tài sản mã hóa | quản lý tài sản hình thành từ nhiệm vụ khoa học',
    data: 'đăng ký doanh nghiệp | bảo hiểm xã hội | tài sản công | thuế | hải quan | đầu tư công',
    service:
      'đăng ký thành lập doanh nghiệp | hoàn thuế giá trị gia tăng điện tử | kê khai hải quan điện tử | giải quyết hưởng bảo hiểm xã hội một lần | cấp mã số đơn vị quan hệ ngân sách',
    science: 'phát hiện gian lận hóa đơn bằng trí tuệ nhân tạo | hải quan thông minh | nền tảng giao dịch tài sản mã hóa',
    people: 'công chức thuế cơ sở | kế toán các đơn vị sự nghiệp khoa học | công chức kho bạc',
  }),
  agency('ministry', 7, ['MOIT', 'Bộ Công Thương', 'Ministry of Industry and Trade', "Ministère de l'Industrie et du Commerce", 'BCT'], {
    law: 'thương mại điện tử | phát triển năng lượng nguyên tử và năng lượng tái tạo | cơ chế mua bán điện trực tiếp cho trung tâm dữ liệu | truy xuất nguồn gốc hàng hóa',
    data: 'thương mại điện tử | năng lượng | hóa chất | xuất xứ hàng hóa | cụm công nghiệp',
    service:
      'cấp giấy chứng nhận xuất xứ hàng hóa | đăng ký website thương mại điện tử | cấp giấy phép hoạt động điện lực | thông báo khuyến mại',
    science: 'lưới điện thông minh | pin lưu trữ năng lượng | nhà máy thông minh trong ngành dệt may | rô-bốt công nghiệp',
    people: 'lực lượng quản lý thị trường | kỹ sư ngành điện | doanh nghiệp nhỏ và vừa tham gia thương mại điện tử',
  }),
  agency(
    'ministry',
    9,
    [
      'MAE',
      'Bộ Nông nghiệp và Môi trường',
      'Ministry of Agriculture and Environment',
      "Ministère de l'Agriculture et de l'Environnement",
      'BNNMT',
    ],
    {
      law: 'thị trường tín chỉ các-bon | quản lý, chia sẻ dữ liệu đất đai | giống cây trồng ứng dụng công nghệ sinh học | quan trắc môi trường tự động',
      data: 'đất đai | mã số vùng trồng | tàu cá và nguồn lợi thủy sản | quan trắc môi trường | khí tượng thủy văn | nền địa lý quốc gia',
      service: 'đăng ký biến động đất đai | cấp giấy phép môi trường | cấp mã số vùng trồng | kiểm dịch thực vật xuất khẩu',
      science:
        'giống lúa chịu mặn | ảnh viễn thám giám sát rừng | dự báo lũ quét, sạt lở đất | vắc-xin thú y thế hệ mới | nông nghiệp chính xác',
      people: 'cán bộ địa chính cấp xã | khuyến nông viên | quan trắc viên khí tượng thủy văn',
    },
  ),
  agency('ministry', 7, ['MOC', 'Bộ Xây dựng', 'Ministry of Construction', 'Ministère de la Construction', 'BXD'], {
    law: 'mô hình thông tin công trình | giao thông thông minh | đô thị thông minh | quản lý thị trường bất động sản bằng dữ liệu',
    data: 'hoạt động xây dựng | nhà ở và thị trường bất động sản | kết cấu hạ tầng giao thông | quy hoạch đô thị và nông thôn | đăng kiểm phương tiện',
    service:
      'cấp giấy phép xây dựng | cấp chứng chỉ hành nghề hoạt động xây dựng | đăng kiểm phương tiện cơ giới | cấp phù hiệu xe kinh doanh vận tải',
    science: 'đường sắt tốc độ cao | hệ thống giao thông thông minh | vật liệu xây dựng phát thải thấp | bản sao số đô thị',
    people: 'cán bộ thẩm định xây dựng địa phương | đăng kiểm viên | kỹ sư đường sắt',
  }),
  agency(
    'ministry',
    6,
    [
      'MCST',
      'Bộ Văn hóa, Thể thao và Du lịch',
      'Ministry of Culture, Sports and Tourism',
      'Ministère de la Culture, des Sports et du Tourisme',
      'BVHTTDL',
    ],
    {
      law: 'bảo vệ bản quyền trên môi trường số | phát triển công nghiệp văn hóa số | hoạt động báo chí số',
      data: 'di sản văn hóa | du lịch | vận động viên thành tích cao | bản quyền tác giả | báo chí điện tử',
      service: 'đăng ký quyền tác giả | cấp thẻ hướng dẫn viên du lịch | cấp giấy phép kinh doanh dịch vụ lữ hành',
      science: 'số hóa ba chiều di sản | phát hiện tin giả trên mạng | nền tảng du lịch thông minh',
      people: 'phóng viên, biên tập viên | hướng dẫn viên du lịch | cán bộ bảo tàng, thư viện',
    },
  ),
  agency(
    'ministry',
    16,
    ['MOST', 'Bộ Khoa học và Công nghệ', 'Ministry of Science and Technology', 'Ministère des Sciences et des Technologies', 'BKHCN'],
    {
      law: 'khoa học, công nghệ và đổi mới sáng tạo | trí tuệ nhân tạo | công nghiệp công nghệ số | chuyển đổi số | quyền sở hữu trí tuệ đối với kết quả nghiên cứu | chấp nhận rủi ro trong nghiên cứu khoa học | khoán chi đến sản phẩm cuối cùng | danh mục công nghệ chiến lược | tiêu chuẩn, quy chuẩn kỹ thuật cho sản phẩm số | tổng công trình sư',
      data: 'nhiệm vụ khoa học và công nghệ | chuyên gia, nhà khoa học | sở hữu công nghiệp | tiêu chuẩn, đo lường, chất lượng | hạ tầng viễn thông | tổ chức khoa học và công nghệ | doanh nghiệp công nghệ số | thiết bị nghiên cứu dùng chung',
      service:
        'đăng ký sáng chế | đăng ký nhãn hiệu | công nhận doanh nghiệp khoa học và công nghệ | cấp phép sử dụng băng tần | cấp giấy chứng nhận chữ ký số | công bố hợp quy sản phẩm viễn thông',
      science:
        'chip bán dẫn chuyên dụng | mô hình ngôn ngữ lớn tiếng Việt | mạng 5G Open RAN và 6G | công nghệ lượng tử | vệ tinh viễn thám tầm thấp | rô-bốt tự hành | công nghệ tế bào gốc | lò phản ứng hạt nhân nghiên cứu | đất hiếm và vật liệu tiên tiến',
      people:
        'kỹ sư thiết kế vi mạch | nhà khoa học trẻ xuất sắc | cán bộ quản lý khoa học ở địa phương | thành viên tổ công nghệ số cộng đồng | giám đốc công nghệ các bộ, ngành',
    },
  ),
  agency(
    'ministry',
    8,
    ['MOET', 'Bộ Giáo dục và Đào tạo', 'Ministry of Education and Training', "Ministère de l'Éducation et de la Formation", 'BGDĐT'],
    {
      law: 'tự chủ đại học trong nghiên cứu khoa học | học bổng cho sinh viên ngành khoa học cơ bản, kỹ thuật | giáo dục trí tuệ nhân tạo trong trường phổ thông | doanh nghiệp khởi nguồn trong trường đại học',
      data: 'giáo dục mầm non, phổ thông | văn bằng, chứng chỉ | giáo dục đại học | học bạ số | giáo dục nghề nghiệp',
      service: 'tuyển sinh đầu cấp | công nhận văn bằng nước ngoài | xét tuyển đại học | cấp bản sao văn bằng từ sổ gốc',
      science: 'học liệu số cá nhân hóa | phòng thí nghiệm trọng điểm về bán dẫn trong trường đại học | đại học số',
      people: 'giáo viên phổ thông | giảng viên ngành bán dẫn | nghiên cứu sinh ngành công nghệ chiến lược | sinh viên tài năng khối STEM',
    },
  ),
  agency('ministry', 8, ['MOH', 'Bộ Y tế', 'Ministry of Health', 'Ministère de la Santé', 'BYT'], {
    law: 'hồ sơ sức khỏe điện tử | khám bệnh, chữa bệnh từ xa | thử nghiệm lâm sàng thuốc mới | chia sẻ dữ liệu y tế cho nghiên cứu',
    data: 'sức khỏe người dân | bệnh án điện tử | dược | trang thiết bị y tế | tiêm chủng | an sinh xã hội',
    service: 'cấp giấy phép hành nghề khám bệnh, chữa bệnh | công bố mỹ phẩm | đăng ký lưu hành thuốc | cấp giấy khám sức khỏe lái xe',
    science:
      'vắc-xin thế hệ mới | y học chính xác dựa trên dữ liệu gen | chẩn đoán hình ảnh bằng trí tuệ nhân tạo | sinh phẩm chẩn đoán nhanh',
    people: 'bác sĩ tuyến cơ sở | nhân viên trạm y tế cấp xã | cán bộ công nghệ thông tin bệnh viện',
  }),
  agency(
    'ministry',
    4,
    [
      'MEDR',
      'Bộ Dân tộc và Tôn giáo',
      'Ministry of Ethnic and Religious Affairs',
      'Ministère des Affaires ethniques et religieuses',
      'BDTTG',
    ],
    {
      law: 'hỗ trợ chuyển đổi số vùng đồng bào dân tộc thiểu số | quản lý hoạt động tôn giáo trên môi trường mạng',
      data: 'các dân tộc thiểu số | cơ sở tín ngưỡng, tôn giáo | người có uy tín trong đồng bào dân tộc thiểu số',
      service: 'đăng ký hoạt động tôn giáo tập trung | thông báo danh mục hoạt động tôn giáo',
      science: 'dịch tự động tiếng dân tộc thiểu số | bảo tồn tiếng nói, chữ viết các dân tộc bằng công nghệ số',
      people: 'cán bộ làm công tác dân tộc | thanh niên dân tộc thiểu số',
    },
  ),
  agency('ministry', 6, ['SBV', 'Ngân hàng Nhà nước Việt Nam', 'State Bank of Vietnam', "Banque d'État du Viêt Nam", 'NHNN'], {
    law: 'thử nghiệm có kiểm soát trong lĩnh vực ngân hàng | tín dụng ưu đãi cho doanh nghiệp công nghệ | thanh toán không dùng tiền mặt | cho vay ngang hàng',
    data: 'thông tin tín dụng | tài khoản thanh toán nghi ngờ gian lận | phòng, chống rửa tiền',
    service: 'cấp giấy phép dịch vụ trung gian thanh toán | đăng ký khoản vay nước ngoài',
    science:
      'tiền số của ngân hàng trung ương | chấm điểm tín dụng bằng dữ liệu thay thế | nhận diện giao dịch gian lận theo thời gian thực',
    people: 'cán bộ an toàn thông tin các tổ chức tín dụng | thanh tra viên ngân hàng',
  }),
  agency('ministry', 4, ['GI', 'Thanh tra Chính phủ', 'Government Inspectorate', 'Inspection du gouvernement', 'TTCP'], {
    law: 'thanh tra trên môi trường số | kiểm soát tài sản, thu nhập bằng dữ liệu điện tử',
    data: 'kiểm soát tài sản, thu nhập | khiếu nại, tố cáo | kết luận thanh tra',
    service: 'tiếp nhận phản ánh, kiến nghị trực tuyến | tiếp công dân trực tuyến',
    science: 'phân tích rủi ro phục vụ thanh tra | phân loại đơn thư bằng trí tuệ nhân tạo',
    people: 'thanh tra viên các cấp | công chức tiếp công dân',
  }),
  agency('ministry', 6, ['OOG', 'Văn phòng Chính phủ', 'Office of the Government', 'Bureau du Gouvernement', 'VPCP'], {
    law: 'thực hiện thủ tục hành chính theo cơ chế một cửa | cắt giảm thủ tục hành chính dựa trên dữ liệu | gửi, nhận văn bản điện tử',
    data: 'thủ tục hành chính | chỉ đạo, điều hành của Chính phủ | kết quả giải quyết thủ tục hành chính',
    service: 'liên thông khởi sự kinh doanh | liên thông khai sinh, cư trú, bảo hiểm y tế | phản ánh, kiến nghị về quy định hành chính',
    science: 'trợ lý ảo cho Cổng Dịch vụ công quốc gia | phân tích dữ liệu phục vụ chỉ đạo, điều hành',
    people: 'công chức bộ phận một cửa | cán bộ đầu mối kiểm soát thủ tục hành chính',
  }),
];

const CENTRAL: readonly Agency[] = [
  agency('central', 6, ['VPTW', 'Văn phòng Trung ương Đảng', 'Central Office of the Party', 'Bureau central du Parti', 'VPTW'], {
    law: 'gửi, nhận văn bản điện tử trong các cơ quan Đảng | chế độ họp không giấy | quản lý văn kiện điện tử',
    data: 'văn kiện Đảng | hồ sơ lưu trữ của Đảng | nhiệm vụ thực hiện Nghị quyết 57',
    people: 'cán bộ văn phòng cấp ủy | cán bộ văn thư, lưu trữ của Đảng',
  }),
  agency(
    'central',
    3,
    ['BTCTW', 'Ban Tổ chức Trung ương', 'Central Organisation Commission', "Commission centrale d'organisation", 'BTCTW'],
    {
      law: 'quản lý hồ sơ đảng viên điện tử | trọng dụng cán bộ khoa học, công nghệ',
      data: 'đảng viên | cán bộ diện Trung ương quản lý',
      people: 'cán bộ làm công tác tổ chức xây dựng Đảng | bí thư, phó bí thư cấp ủy cấp xã',
    },
  ),
  agency(
    'central',
    3,
    [
      'BTGDV',
      'Ban Tuyên giáo và Dân vận Trung ương',
      'Central Commission for Communication, Education and Mass Mobilisation',
      "Commission centrale de la communication, de l'éducation et de la mobilisation des masses",
      'BTGDVTW',
    ],
    {
      law: 'tuyên truyền về khoa học, công nghệ và đổi mới sáng tạo | phong trào “Bình dân học vụ số”',
      data: 'báo cáo viên, tuyên truyền viên | dư luận xã hội',
      people: 'báo cáo viên các cấp | cán bộ dân vận cơ sở',
    },
  ),
  agency(
    'central',
    2,
    ['UBKTTW', 'Ủy ban Kiểm tra Trung ương', 'Central Inspection Commission', "Commission centrale d'inspection", 'UBKTTW'],
    {
      law: 'giám sát trên dữ liệu | kiểm tra việc thực hiện Nghị quyết 57',
      data: 'kiểm tra, giám sát và kỷ luật đảng',
      people: 'cán bộ kiểm tra các cấp',
    },
  ),
  agency('central', 3, ['MTTQ', 'Mặt trận Tổ quốc Việt Nam', 'Vietnam Fatherland Front', 'Front de la Patrie du Viêt Nam', 'MTTW'], {
    law: 'giám sát, phản biện xã hội trên môi trường số | tiếp nhận ý kiến Nhân dân trực tuyến',
    data: 'đoàn viên, hội viên | ý kiến, kiến nghị của cử tri và Nhân dân',
    people: 'cán bộ Mặt trận cấp xã | đoàn viên, thanh niên tình nguyện',
  }),
  agency('central', 2, ['VPQH', 'Văn phòng Quốc hội', 'Office of the National Assembly', "Bureau de l'Assemblée nationale", 'VPQH'], {
    law: 'giám sát việc thi hành pháp luật về chuyển đổi số | vận hành Quốc hội số',
    data: 'hoạt động của đại biểu Quốc hội | kiến nghị của cử tri',
    people: 'chuyên viên phục vụ các cơ quan của Quốc hội',
  }),
  agency('central', 2, ['TANDTC', 'Tòa án nhân dân tối cao', "Supreme People's Court", 'Cour populaire suprême', 'TANDTC'], {
    law: 'tố tụng điện tử | phiên tòa trực tuyến',
    data: 'bản án, quyết định của Tòa án | án lệ',
    people: 'thẩm phán, thư ký Tòa án khu vực',
  }),
  agency('central', 2, ['VKSNDTC', 'Viện kiểm sát nhân dân tối cao', "Supreme People's Procuracy", 'Parquet populaire suprême', 'VKSTC'], {
    law: 'số hóa hồ sơ vụ án | chứng cứ điện tử',
    data: 'thống kê tội phạm liên ngành | hồ sơ vụ án điện tử',
    people: 'kiểm sát viên khu vực',
  }),
  agency('central', 2, ['KTNN', 'Kiểm toán nhà nước', 'State Audit Office', "Audit d'État", 'KTNN'], {
    law: 'kiểm toán dựa trên dữ liệu lớn | kiểm toán hệ thống công nghệ thông tin',
    data: 'đơn vị được kiểm toán | kiến nghị kiểm toán',
    people: 'kiểm toán viên công nghệ thông tin',
  }),
  agency(
    'central',
    3,
    [
      'HCMA',
      'Học viện Chính trị quốc gia Hồ Chí Minh',
      'Ho Chi Minh National Academy of Politics',
      'Académie nationale de politique Hô Chi Minh',
      'HVCTQG',
    ],
    {
      data: 'học viên các lớp cao cấp lý luận chính trị | học liệu lý luận chính trị',
      study: 'quản trị quốc gia trên nền tảng số | lãnh đạo trong kỷ nguyên trí tuệ nhân tạo',
      people: 'học viên cao cấp lý luận chính trị | giảng viên trường chính trị cấp tỉnh',
    },
  ),
  agency(
    'central',
    6,
    [
      'VAST',
      'Viện Hàn lâm Khoa học và Công nghệ Việt Nam',
      'Vietnam Academy of Science and Technology',
      'Académie des sciences et technologies du Viêt Nam',
      'VHLKHCNVN',
    ],
    {
      data: 'đa dạng sinh học | ảnh viễn thám quốc gia | thiết bị nghiên cứu của các phòng thí nghiệm trọng điểm',
      science:
        'vệ tinh quan sát Trái Đất | vật liệu bán dẫn mới | hoạt chất sinh học biển | mô phỏng lượng tử | cảnh báo sớm động đất, sóng thần | pin nhiên liệu hydro',
      people: 'nghiên cứu viên trẻ | kỹ sư công nghệ vũ trụ',
    },
  ),
  agency(
    'central',
    3,
    [
      'VASS',
      'Viện Hàn lâm Khoa học xã hội Việt Nam',
      'Vietnam Academy of Social Sciences',
      'Académie des sciences sociales du Viêt Nam',
      'VHLKHXHVN',
    ],
    {
      data: 'điều tra xã hội học | tư liệu Hán Nôm',
      study: 'tác động của trí tuệ nhân tạo đến việc làm | mô hình tăng trưởng dựa trên đổi mới sáng tạo | đo lường kinh tế số',
      people: 'nghiên cứu viên khoa học xã hội',
    },
  ),
  agency('central', 2, ['VTV', 'Đài Truyền hình Việt Nam', 'Vietnam Television', 'Télévision du Viêt Nam', 'THVN'], {
    data: 'tư liệu truyền hình',
    science: 'truyền hình số trên nền tảng Internet | sản xuất nội dung bằng trí tuệ nhân tạo',
    people: 'biên tập viên, kỹ thuật viên truyền hình',
  }),
  agency('central', 2, ['VOV', 'Đài Tiếng nói Việt Nam', 'Voice of Vietnam', 'La Voix du Viêt Nam', 'TNVN'], {
    data: 'tư liệu âm thanh phát thanh',
    science: 'chuyển văn bản thành giọng nói tiếng dân tộc thiểu số',
    people: 'phóng viên thường trú và biên tập viên phát thanh',
  }),
  agency('central', 2, ['VNA', 'Thông tấn xã Việt Nam', 'Vietnam News Agency', "Agence vietnamienne d'information", 'TTX'], {
    data: 'ảnh tư liệu quốc gia | tin nguồn đa ngữ',
    science: 'dịch máy tin đối ngoại | xác minh hình ảnh do trí tuệ nhân tạo tạo ra',
    people: 'phóng viên thường trú trong và ngoài nước',
  }),
];

const UNITS: readonly Agency[] = [
  agency(
    'unit',
    3,
    ['VNU', 'Đại học Quốc gia Hà Nội', 'Vietnam National University, Hanoi', 'Université nationale du Viêt Nam à Hanoï', 'ĐHQGHN'],
    {
      data: 'công bố khoa học và sáng chế của trường đại học',
      science: 'trí tuệ nhân tạo cho giáo dục | thiết kế vi mạch | công nghệ y sinh',
      people: 'sinh viên chương trình tài năng | giảng viên trẻ',
    },
  ),
  agency(
    'unit',
    3,
    [
      'VNUHCM',
      'Đại học Quốc gia Thành phố Hồ Chí Minh',
      'Vietnam National University Ho Chi Minh City',
      'Université nationale du Viêt Nam à Hô Chi Minh-Ville',
      'ĐHQG-HCM',
    ],
    {
      data: 'kết quả nghiên cứu dùng chung giữa các trường thành viên',
      science: 'đóng gói và kiểm thử bán dẫn | vật liệu tiên tiến | đô thị thông minh vùng Đông Nam Bộ',
      people: 'học viên cao học ngành vi mạch | giảng viên nguồn từ nước ngoài',
    },
  ),
  agency(
    'unit',
    3,
    ['NIC', 'Trung tâm Đổi mới sáng tạo Quốc gia', 'National Innovation Center', "Centre national d'innovation", 'TTĐMST'],
    {
      data: 'doanh nghiệp khởi nghiệp sáng tạo',
      science: 'hàng không, vũ trụ tầm thấp | bán dẫn và trí tuệ nhân tạo | công nghệ tài chính',
      people: 'nhà sáng lập doanh nghiệp khởi nghiệp | kỹ sư bán dẫn chuyển đổi từ ngành gần',
    },
  ),
];

/** What a province works on; the same phrases for each, the place makes the title. */
const LOCAL: Readonly<Partial<Record<Slot, readonly string[]>>> = {
  localData: [
    'đất đai',
    'hộ tịch',
    'an sinh xã hội',
    'hộ kinh doanh và doanh nghiệp',
    'học sinh, giáo viên',
    'sức khỏe người dân',
    'quy hoạch, xây dựng',
    'cán bộ, công chức cấp xã',
    'sản phẩm OCOP',
    'lao động, việc làm',
  ],
  localService: [
    'đất đai',
    'hộ tịch, chứng thực',
    'đăng ký kinh doanh',
    'bảo trợ xã hội',
    'cấp giấy phép xây dựng',
    'tuyển sinh đầu cấp',
    'người có công',
    'môi trường và khoáng sản',
  ],
  localPeople: [
    'cán bộ, công chức cấp xã',
    'thành viên tổ công nghệ số cộng đồng',
    'hộ kinh doanh và hợp tác xã',
    'giáo viên, học sinh phổ thông',
    'người cao tuổi và người yếu thế',
    'lãnh đạo xã, phường',
    'công nhân các khu công nghiệp',
  ],
  localScience: [
    'truy xuất nguồn gốc nông sản chủ lực',
    'cảnh báo ngập úng, sạt lở',
    'du lịch thông minh',
    'giao thông thông minh',
    'chế biến sâu nông sản',
    'năng lượng tái tạo',
    'xử lý rác thải thành năng lượng',
    'chăm sóc sức khỏe từ xa',
    'bảo tồn nguồn gen bản địa',
  ],
  localPlace: [
    'các thôn, bản, khu dân cư còn lõm sóng',
    'các khu công nghiệp, khu công nghệ cao',
    'trụ sở các xã, phường',
    'trường học và trạm y tế',
  ],
};

const PROVINCES: readonly Agency[] = [
  ['HN', 'Hà Nội', 'Hanoi', 'Hanoï', 12],
  ['HUE', 'Huế', 'Hue', 'Hué', 6],
  ['HP', 'Hải Phòng', 'Hai Phong', 'Haïphong', 7],
  ['DN', 'Đà Nẵng', 'Da Nang', 'Da Nang', 8],
  ['HCM', 'Hồ Chí Minh', 'Ho Chi Minh', 'Hô Chi Minh', 12],
  ['CT', 'Cần Thơ', 'Can Tho', 'Can Tho', 6],
  ['AG', 'An Giang', 'An Giang', 'An Giang', 5],
  ['BN', 'Bắc Ninh', 'Bac Ninh', 'Bac Ninh', 6],
  ['CM', 'Cà Mau', 'Ca Mau', 'Ca Mau', 5],
  ['CB', 'Cao Bằng', 'Cao Bang', 'Cao Bang', 4],
  ['DLK', 'Đắk Lắk', 'Dak Lak', 'Dak Lak', 5],
  ['DB', 'Điện Biên', 'Dien Bien', 'Diên Biên', 4],
  ['DNAI', 'Đồng Nai', 'Dong Nai', 'Dông Nai', 6],
  ['DT', 'Đồng Tháp', 'Dong Thap', 'Dông Thap', 5],
  ['GL', 'Gia Lai', 'Gia Lai', 'Gia Lai', 5],
  ['HT', 'Hà Tĩnh', 'Ha Tinh', 'Ha Tinh', 5],
  ['HY', 'Hưng Yên', 'Hung Yen', 'Hung Yên', 5],
  ['KH', 'Khánh Hòa', 'Khanh Hoa', 'Khanh Hoa', 5],
  ['LCH', 'Lai Châu', 'Lai Chau', 'Lai Châu', 4],
  ['LD', 'Lâm Đồng', 'Lam Dong', 'Lâm Dông', 5],
  ['LS', 'Lạng Sơn', 'Lang Son', 'Lang Son', 4],
  ['LCA', 'Lào Cai', 'Lao Cai', 'Lao Cai', 5],
  ['NA', 'Nghệ An', 'Nghe An', 'Nghê An', 5],
  ['NB', 'Ninh Bình', 'Ninh Binh', 'Ninh Binh', 5],
  ['PT', 'Phú Thọ', 'Phu Tho', 'Phu Tho', 5],
  ['QNG', 'Quảng Ngãi', 'Quang Ngai', 'Quang Ngai', 5],
  ['QN', 'Quảng Ninh', 'Quang Ninh', 'Quang Ninh', 6],
  ['QT', 'Quảng Trị', 'Quang Tri', 'Quang Tri', 5],
  ['SL', 'Sơn La', 'Son La', 'Son La', 4],
  ['TN', 'Tây Ninh', 'Tay Ninh', 'Tây Ninh', 5],
  ['TNG', 'Thái Nguyên', 'Thai Nguyen', 'Thai Nguyên', 5],
  ['TH', 'Thanh Hóa', 'Thanh Hoa', 'Thanh Hoa', 5],
  ['TQ', 'Tuyên Quang', 'Tuyen Quang', 'Tuyên Quang', 4],
  ['VL', 'Vĩnh Long', 'Vinh Long', 'Vinh Long', 5],
].map(([code, vi, en, fr, weight], index) =>
  province({ code: `${code}`, vi: `${vi}`, en: `${en}`, fr: `${fr}`, weight: Number(weight) / 2.4, city: index < 6 }),
);

function province(of: { code: string; vi: string; en: string; fr: string; weight: number; city: boolean }): Agency {
  const ofName = /^[AEIOUY]/.test(of.fr) ? `d'${of.fr}` : `de ${of.fr}`;
  // The city that bears a person's name writes its first word with a capital, so that the two are told apart.
  const inSentence = of.city ? `${of.code === 'HCM' ? 'Thành' : 'thành'} phố ${of.vi}` : `tỉnh ${of.vi}`;
  return {
    code: of.code,
    kind: 'province',
    vi: of.city ? `Thành phố ${of.vi}` : `Tỉnh ${of.vi}`,
    en: of.city ? `${of.en} City` : `${of.en} Province`,
    fr: of.city ? `Ville ${ofName}` : `Province ${ofName}`,
    abbreviation: 'UBND',
    weight: of.weight,
    work: {
      ...LOCAL,
      name: [inSentence],
      committee: [of.city ? `Thành ủy ${of.code === 'HCM' ? 'Thành phố ' : ''}${of.vi}` : `Tỉnh ủy ${of.vi}`],
    },
  };
}

/** In the order of the file: ministries, central agencies, units, cities and provinces. */
export const AGENCIES: readonly Agency[] = [...MINISTRIES, ...CENTRAL, ...UNITS, ...PROVINCES];
